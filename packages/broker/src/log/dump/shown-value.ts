/** Values read by a table of the protocol, as JSON with the fields that their version has. */
import { type AnyMessage, isStandIn, type StructLayout, type ValueLayout } from '@varve/protocol'

/** Anything that JSON can say. */
export type Json =
  | string
  | number
  | boolean
  | null
  | readonly Json[]
  | { readonly [name: string]: Json }

type Struct = { readonly [name: string]: unknown }

/** The message as JSON: bytes as base64, tagged fields only where they say something, as Kafka's tools do. */
export function shownMessage(message: AnyMessage, value: object, version: number): Json {
  return shownStruct(message.layout(version), value as Struct)
}

function shownStruct(layout: StructLayout, value: Struct): Json {
  const shown: { [name: string]: Json } = {}
  for (const field of layout.fields) {
    const given = value[field.name]
    if (field.place === 'absent' || (field.place === 'tagged' && isStandIn(field, given))) continue
    shown[field.name] = shownValue(field.value, given)
  }
  return shown
}

function shownValue(layout: ValueLayout, given: unknown): Json {
  if (given === null || given === undefined) return null
  switch (layout.kind) {
    case 'array':
      return (given as readonly unknown[]).map(element => shownValue(layout.element, element))
    case 'struct':
      return shownStruct(layout.struct, given as Struct)
    case 'bytes':
    case 'records':
      return Buffer.from(given as Uint8Array).toString('base64')
    case 'string':
      return given as string
    case 'scalar':
      // Beyond what a number of JSON can say here: its digits, as text.
      return layout.type === 'int64Bits'
        ? BigInt.asIntN(64, BigInt(`0x${given as string}`)).toString()
        : (given as string | number | boolean)
  }
}
