import type { Reader } from '../wire/reader.ts'
import type { Writer } from '../wire/writer.ts'
import { type MessageCodec, refuseField, refuseNull } from './codec.ts'
import { isStandIn, type StructLayout, standInOf, type ValueLayout } from './layout.ts'

type Struct = Record<string, unknown>

/** A codec that walks the layout value by value. Slower than the compiled one, and what stands in for it where code generation is switched off. */
export const walkingCodec = (layout: StructLayout): MessageCodec => ({
  read: reader => readStruct(reader, layout),
  write: (writer, value) => writeStruct(writer, layout, value as Struct),
})

const readStruct = (reader: Reader, layout: StructLayout): Struct => {
  const struct: Struct = {}
  for (const field of layout.fields) {
    struct[field.name] = field.place === 'plain' ? readValue(reader, field.value) : standInOf(field)
  }
  if (layout.flexible) readTagged(reader, layout, struct)
  return struct
}

const readTagged = (reader: Reader, layout: StructLayout, struct: Struct): void => {
  let tag = -1
  for (let left = reader.unsignedVarint(); left > 0; left--) {
    tag = reader.tag(tag)
    const end = reader.taggedEnd()
    const field = layout.tagged.find(candidate => candidate.tag === tag)
    if (field === undefined) {
      reader.skipTo(end)
      continue
    }
    struct[field.name] = readValue(reader, field.value)
    reader.endTagged(end)
  }
}

const readValue = (reader: Reader, value: ValueLayout): unknown => {
  switch (value.kind) {
    case 'string':
      if (value.nullable) {
        return value.compact ? reader.compactNullableString() : reader.nullableString()
      }
      return value.compact ? reader.compactString() : reader.string()
    case 'bytes':
    case 'records':
      if (value.nullable) {
        return value.compact ? reader.compactNullableBytes() : reader.nullableBytes()
      }
      return value.compact ? reader.compactBytes() : reader.bytes()
    case 'array':
      return readArray(reader, value)
    case 'struct':
      // -1, but 0 in a tagged field: there Kafka writes a varint, 0 or 1.
      if (value.nullable && reader.int8() <= 0) return null
      return readStruct(reader, value.struct)
    case 'scalar':
      return reader[value.type]()
  }
}

const readArray = (reader: Reader, value: ValueLayout & { kind: 'array' }): unknown => {
  const { element } = value
  const length = value.nullable
    ? value.compact
      ? reader.compactNullableArrayLength(element.minBytes)
      : reader.nullableArrayLength(element.minBytes)
    : value.compact
      ? reader.compactArrayLength(element.minBytes)
      : reader.arrayLength(element.minBytes)
  if (length < 0) return null
  const elements: unknown[] = []
  for (let index = 0; index < length; index++) elements.push(readValue(reader, element))
  return elements
}

const writeStruct = (writer: Writer, layout: StructLayout, struct: Struct): void => {
  for (const field of layout.absent) {
    if (!field.ignorable && !isStandIn(field, struct[field.name])) refuseField(field.name)
  }
  for (const field of layout.plain) {
    const given = struct[field.name]
    writeValue(writer, field.value, given === undefined ? standInOf(field) : given, field.name)
  }
  if (!layout.flexible) return
  const meaningful = layout.tagged.filter(field => !isStandIn(field, struct[field.name]))
  writer.unsignedVarint(meaningful.length)
  for (const field of meaningful) {
    const mark = writer.beginTagged(field.tag)
    writeValue(writer, field.value, struct[field.name], field.name)
    writer.endTagged(mark)
  }
}

const writeValue = (writer: Writer, value: ValueLayout, given: unknown, name: string): void => {
  switch (value.kind) {
    case 'string':
    case 'bytes':
    case 'records':
      writeSized(writer, value, given as never, name)
      return
    case 'array':
      writeArray(writer, value, given as readonly unknown[] | null, name)
      return
    case 'struct':
      if (given === null) {
        if (value.nullable) writer.int8(-1)
        else refuseNull(name)
        return
      }
      if (value.nullable) writer.int8(1)
      writeStruct(writer, value.struct, given as Struct)
      return
    case 'scalar':
      writer[value.type](given as never)
  }
}

const writeSized = (
  writer: Writer,
  value: ValueLayout & { kind: 'string' | 'bytes' | 'records' },
  given: never,
  name: string,
): void => {
  if (given === null && !value.nullable) refuseNull(name)
  switch (value.kind) {
    case 'string':
      writer[value.compact ? 'compactNullableString' : 'nullableString'](given)
      return
    case 'bytes':
      writer[value.compact ? 'compactNullableBytes' : 'nullableBytes'](given)
      return
    case 'records':
      writer[value.compact ? 'compactNullableRecords' : 'nullableRecords'](given)
  }
}

const writeArray = (
  writer: Writer,
  value: ValueLayout & { kind: 'array' },
  given: readonly unknown[] | null,
  name: string,
): void => {
  if (given === null) {
    if (!value.nullable) refuseNull(name)
    if (value.compact) writer.unsignedVarint(0)
    else writer.int32(-1)
    return
  }
  if (value.compact) writer.unsignedVarint(given.length + 1)
  else writer.int32(given.length)
  for (const element of given) writeValue(writer, value.element, element, name)
}
