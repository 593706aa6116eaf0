export {
  BatchBuilder,
  type BuildOptions,
  type HeaderInput,
  type RecordInput,
} from './batch-builder.ts'
export { batchesOf } from './batches.ts'
export { type BatchProblem, batchProblems, checkBatch, checkFraming } from './check-batch.ts'
export type { SnappyFraming } from './codecs/snappy-framing.ts'
export {
  type Codec,
  type Codecs,
  CompressionError,
  type CompressionProblem,
  type CompressionType,
  compressionTypes,
} from './compression.ts'
export {
  buildControlBatch,
  buildTransactionMarker,
  type ControlBatchInput,
  type ControlRecord,
  type ControlType,
  controlRecordsOf,
  controlTypes,
  markerCoordinatorEpoch,
  type TransactionMarker,
} from './control-record.ts'
export { CorruptRecordsError } from './corrupt-records-error.ts'
export { readInt64BE, writeInt64BE } from './int64.ts'
export { LogRecord, type RecordHeader } from './log-record.ts'
export {
  BATCH_HEADER_BYTES,
  BATCH_PREFIX_BYTES,
  type BatchHeader,
  type BatchProducer,
  batchAttributes,
  MAGIC_V2,
  RecordBatch,
} from './record-batch.ts'
export { DECOMPRESSED_BYTES_MAX, recordsOf } from './record-iterator.ts'
export { walkRecordLengths } from './record-lengths.ts'
export { RecordWalk } from './record-walk.ts'
export { recordsIn } from './records-in.ts'
export { addToSequence } from './sequence.ts'
