import { Buffer } from 'node:buffer'
import { ZERO_BITS } from '../wire/int64-bits.ts'
import { ZERO_UUID } from '../wire/uuid.ts'
import type { FieldSpec, Fields, Scalar, ScalarKind, Shape } from './field.ts'

/** A table as it stands in one version. Both codecs, the walking and the compiled one, are made from it. */
export interface StructLayout {
  /** In the order of the table. */
  readonly fields: readonly PlacedField[]
  readonly plain: readonly PlacedField[]
  /** By ascending tag. */
  readonly tagged: readonly PlacedField[]
  /** Not in this version. */
  readonly absent: readonly PlacedField[]
  readonly flexible: boolean
  /** The fewest bytes the struct can take. */
  readonly minBytes: number
}

export interface PlacedField {
  readonly name: string
  readonly place: 'plain' | 'tagged' | 'absent'
  readonly tag: number
  readonly value: ValueLayout
  /** What stands in where the field is absent; `undefined`: the type's own. */
  readonly standIn: Scalar | undefined
  readonly ignorable: boolean
}

/** How one value travels in one version. `compact` lengths are varints, one higher than the length. */
export type ValueLayout =
  | { readonly kind: 'scalar'; readonly type: ScalarKind; readonly minBytes: number }
  | {
      readonly kind: 'string' | 'bytes' | 'records'
      readonly nullable: boolean
      readonly compact: boolean
      readonly minBytes: number
    }
  | {
      readonly kind: 'array'
      readonly nullable: boolean
      readonly compact: boolean
      readonly element: ValueLayout
      readonly minBytes: number
    }
  | {
      readonly kind: 'struct'
      readonly nullable: boolean
      readonly struct: StructLayout
      readonly minBytes: number
    }

/** What a scalar takes on the wire, and what stands in for it. */
const scalars: Readonly<
  Record<ScalarKind, { readonly minBytes: number; readonly standIn: Scalar }>
> = {
  int8: { minBytes: 1, standIn: 0 },
  int16: { minBytes: 2, standIn: 0 },
  uint16: { minBytes: 2, standIn: 0 },
  int32: { minBytes: 4, standIn: 0 },
  uint32: { minBytes: 4, standIn: 0 },
  int64: { minBytes: 8, standIn: 0 },
  int64OrMax: { minBytes: 8, standIn: 0 },
  int64Bits: { minBytes: 8, standIn: ZERO_BITS },
  float64: { minBytes: 8, standIn: 0 },
  boolean: { minBytes: 1, standIn: false },
  uuid: { minBytes: 16, standIn: ZERO_UUID },
}

const isScalar = (shape: Shape): shape is Shape & { readonly type: ScalarKind } =>
  shape.type in scalars

/** Resolves a table for one version. */
export const layoutOf = (fields: Fields, version: number, flexible: boolean): StructLayout => {
  const placed = Object.entries(fields).map(([name, field]): PlacedField => {
    const { spec } = field
    return {
      name,
      place: placeOf(spec, version, flexible),
      tag: spec.tag ?? -1,
      value: valueLayoutOf(spec, version, flexible),
      standIn: spec.absent,
      ignorable: spec.ignorable,
    }
  })
  const plain = placed.filter(field => field.place === 'plain')
  let minBytes = flexible ? 1 : 0
  for (const field of plain) minBytes += field.value.minBytes
  return {
    fields: placed,
    plain,
    tagged: placed.filter(field => field.place === 'tagged').sort((a, b) => a.tag - b.tag),
    absent: placed.filter(field => field.place === 'absent'),
    flexible,
    minBytes,
  }
}

const placeOf = (spec: FieldSpec, version: number, flexible: boolean): PlacedField['place'] => {
  if (version < spec.first || version > spec.last) return 'absent'
  if (spec.tag === undefined) return 'plain'
  return flexible ? 'tagged' : 'absent'
}

const valueLayoutOf = (spec: FieldSpec, version: number, flexible: boolean): ValueLayout => {
  const { shape } = spec
  const nullable = spec.nullableFrom !== undefined && version >= spec.nullableFrom
  const compact = flexible && !spec.classic
  if (isScalar(shape)) {
    return { kind: 'scalar', type: shape.type, minBytes: scalars[shape.type].minBytes }
  }
  switch (shape.type) {
    case 'string':
      return { kind: 'string', nullable, compact, minBytes: compact ? 1 : 2 }
    case 'bytes':
    case 'records':
      return { kind: shape.type, nullable, compact, minBytes: compact ? 1 : 4 }
    case 'array': {
      const element = valueLayoutOf(shape.element, version, flexible)
      return { kind: 'array', nullable, compact, element, minBytes: compact ? 1 : 4 }
    }
    case 'struct': {
      const struct = layoutOf(shape.fields, version, flexible)
      return { kind: 'struct', nullable, struct, minBytes: nullable ? 1 : struct.minBytes }
    }
  }
}

export const emptyBytes: Uint8Array = Buffer.alloc(0)

/** A fresh copy of what stands in for a field. */
export const standInOf = (field: PlacedField): unknown =>
  field.standIn === undefined ? ownStandIn(field.value) : field.standIn

/** A fresh object with the stand-in of every field. */
export const emptyStruct = (layout: StructLayout): Record<string, unknown> => {
  const value: Record<string, unknown> = {}
  for (const field of layout.fields) value[field.name] = standInOf(field)
  return value
}

const ownStandIn = (value: ValueLayout): unknown => {
  switch (value.kind) {
    case 'string':
      return ''
    case 'bytes':
      return emptyBytes
    case 'records':
      return value.nullable ? null : emptyBytes
    case 'array':
      return []
    case 'struct':
      return emptyStruct(value.struct)
    case 'scalar':
      return scalars[value.type].standIn
  }
}

/** Whether `given` says no more than leaving the field out would. */
export const isStandIn = (field: PlacedField, given: unknown): boolean => {
  if (given === undefined) return true
  if (field.standIn !== undefined) return given === field.standIn
  if (given === null) return field.value.kind === 'records' && field.value.nullable
  const { value } = field
  switch (value.kind) {
    case 'bytes':
    case 'array':
      return (given as ArrayLike<unknown>).length === 0
    case 'records':
      return !value.nullable && (given as ArrayLike<unknown>).length === 0
    case 'struct': {
      const fields = given as Readonly<Record<string, unknown>>
      return value.struct.fields.every(inner => isStandIn(inner, fields[inner.name]))
    }
    case 'string':
    case 'scalar':
      return given === ownStandIn(value)
  }
}
