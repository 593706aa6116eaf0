export * from './api.ts'
export { type MessageCodec, UnsupportedFieldError } from './codec.ts'
export { compiledCodec } from './compile.ts'
export * from './field.ts'
export {
  type EncodedKeyedRecord,
  type KeyedRecord,
  KeyedRecordCodec,
  type KeyedRecordInput,
  type KeyedRecordTable,
  type KeyedRecordTables,
  type UnknownKeyedRecord,
} from './keyed-records.ts'
export {
  isStandIn,
  type PlacedField,
  type StructLayout,
  standInOf,
  type ValueLayout,
} from './layout.ts'
export * from './message.ts'
export { walkingCodec } from './walk.ts'
