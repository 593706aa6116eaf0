export * from './apis/index.ts'
export * from './conversation/frame.ts'
export * from './conversation/headers.ts'
export { type ErrorName, errorCode, errorName, errors, type ProtocolErrorFacts } from './errors.ts'
export * from './groups/index.ts'
export * from './metadata/index.ts'
export {
  type CodecSource,
  type NodeCodecs,
  type NodeCodecsOptions,
  nodeCodecs,
} from './node/codecs.ts'
export { crc32c } from './node/crc32c.ts'
export {
  SCRAM_MECHANISMS,
  type ScramKeys,
  type ScramMechanism,
  scramKeys,
} from './node/scram-keys.ts'
export * from './records/index.ts'
export * from './schema/index.ts'
export * from './share-state/index.ts'
export * from './transactions/index.ts'
export { type Crc32c, portableCrc32c } from './wire/crc32c.ts'
export { INT64_MAX } from './wire/int64.ts'
export { bitsOf, ZERO_BITS } from './wire/int64-bits.ts'
export { Reader } from './wire/reader.ts'
export { isUuid, ZERO_UUID } from './wire/uuid.ts'
export { WireError } from './wire/wire-error.ts'
export { type RecordsInput, Writer } from './wire/writer.ts'
