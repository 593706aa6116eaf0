import { Buffer } from 'node:buffer'
import {
  type AnyMessage,
  bitsOf,
  INT64_MAX,
  type PlacedField,
  type StructLayout,
  standInOf,
  type ValueLayout,
  ZERO_UUID,
} from '@varve/protocol'
import fc from 'fast-check'

/** Values that a message can carry in one version, the absent fields at their stand-ins. */
export const messageValues = (message: AnyMessage, version: number): fc.Arbitrary<unknown> =>
  structValues(message.layout(version), 0)

const structValues = (layout: StructLayout, depth: number): fc.Arbitrary<unknown> =>
  fc.record(Object.fromEntries(layout.fields.map(field => [field.name, fieldValues(field, depth)])))

const fieldValues = (field: PlacedField, depth: number): fc.Arbitrary<unknown> => {
  if (field.place === 'absent') return fc.constant(null).map(() => standInOf(field))
  const values = valuesOf(field.value, depth)
  // The stand-in is what decides whether a tagged field travels at all.
  return fc.oneof(
    { weight: 3, arbitrary: values },
    fc.constant(null).map(() => acceptable(field)),
  )
}

/** The stand-in, unless it is a null that the version does not allow. */
const acceptable = (field: PlacedField): unknown => {
  const standIn = standInOf(field)
  const allowed = !('nullable' in field.value) || field.value.nullable || field.place === 'tagged'
  return standIn === null && !allowed ? standInOf({ ...field, standIn: undefined }) : standIn
}

const valuesOf = (value: ValueLayout, depth: number): fc.Arbitrary<unknown> => {
  switch (value.kind) {
    case 'scalar':
      return scalarsOf(value.type)
    case 'string':
      return orNull(value.nullable, strings)
    case 'bytes':
    case 'records':
      return orNull(value.nullable, byteStrings)
    case 'array':
      return orNull(
        value.nullable,
        fc.array(valuesOf(value.element, depth + 1), { maxLength: depth > 1 ? 2 : 4 }),
      )
    case 'struct':
      return orNull(value.nullable, structValues(value.struct, depth + 1))
  }
}

type Scalar = ValueLayout & { readonly kind: 'scalar' }

const scalarsOf = (type: Scalar['type']): fc.Arbitrary<unknown> => {
  switch (type) {
    case 'int8':
      return integers(-0x80, 0x7f)
    case 'int16':
      return integers(-0x8000, 0x7fff)
    case 'uint16':
      return integers(0, 0xffff)
    case 'int32':
      return integers(-0x8000_0000, 0x7fff_ffff)
    case 'uint32':
      return integers(0, 0xffff_ffff)
    case 'int64':
      return fc.maxSafeInteger()
    case 'int64OrMax':
      return fc.oneof(fc.maxSafeInteger(), fc.constant(INT64_MAX))
    case 'int64Bits':
      return fc
        .tuple(integers(0, 0xffff_ffff), integers(0, 0xffff_ffff))
        .map(halves => bitsOf(...halves))
    case 'float64':
      return fc.double({ noNaN: true })
    case 'boolean':
      return fc.boolean()
    case 'uuid':
      return fc.oneof(
        fc.constant(ZERO_UUID),
        fc
          .uint8Array({ minLength: 16, maxLength: 16 })
          .map(bytes => Buffer.from(bytes).toString('base64url')),
      )
  }
}

const integers = (min: number, max: number): fc.Arbitrary<number> => fc.integer({ min, max })

const orNull = (nullable: boolean, values: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  nullable ? fc.option(values) : values

/** Around the lengths where the varint and the writer's fast path change. */
const strings = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.string({ unit: 'grapheme', maxLength: 50 }),
  fc.integer({ min: 40, max: 140 }).map(length => 'é'.repeat(length)),
)

const byteStrings = fc.oneof(
  fc.uint8Array({ maxLength: 20 }).map(bytes => Buffer.from(bytes)),
  fc.constantFrom(127, 128, 2047, 2048, 5000).map(length => Buffer.alloc(length, length)),
)
