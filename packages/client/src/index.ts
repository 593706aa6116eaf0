export type { Admin } from './admin/admin.ts'
export type { DescribeConfigsOptions } from './admin/configs.ts'
export type { GroupOffsetsOptions } from './admin/group-offsets.ts'
export type * from './admin/group-results.ts'
export type { AdminOptions, ChangeOptions } from './admin/options.ts'
export type * from './admin/results.ts'
export type * from './admin/transaction-results.ts'
export type { CallOptions } from './cluster/ask.ts'
export type { OffsetQuery } from './cluster/offsets.ts'
export type * from './cluster/outcome.ts'
export type { Consumer } from './consumer/consumer.ts'
export type { PartitionLag } from './consumer/lag.ts'
export type {
  Assignment,
  ConsumerOptions,
  SeekPosition,
  StartPosition,
  TopicPartition,
} from './consumer/options.ts'
export type { ConsumerBatch, ConsumerRecord, RecordHeader } from './consumer/record.ts'
export type { HandlingContext, RunOptions } from './consumer/run-options.ts'
export {
  ClosedError,
  ConfigError,
  ConnectionError,
  FencedError,
  isRetriable,
  OutcomeUnknownError,
  ProducerFailedError,
  ProtocolError,
  TimeoutError,
  TransactionFailedError,
} from './errors.ts'
export type {
  Assignor,
  GroupAssignment,
  GroupMember,
  PartitionCounts,
} from './group/assignors/assignor.ts'
export type { AssignorName } from './group/assignors/by-name.ts'
export type { ClaimedOffsets, GroupMetadata } from './group/membership.ts'
export type { CommittedOffset, OffsetToCommit } from './group/offset-requests.ts'
export type { CommitPolicy, GroupOptions, RebalanceHook } from './group/options.ts'
export type { Log, LogFields } from './log.ts'
export { Varve } from './node/varve.ts'
export type { ProducerOptions } from './producer/options.ts'
export type { Partitioner } from './producer/partitioner.ts'
export type { Producer } from './producer/producer.ts'
export {
  type FailedRecord,
  type Field,
  type ProducerHeader,
  type ProducerRecord,
  SendBatchError,
  type SentRange,
  type SentRecord,
} from './producer/record.ts'
export type { VarveOptions } from './settings.ts'
export type { ExactlyOnceOptions } from './transaction/exactly-once.ts'
export type {
  Transaction,
  TransactionOffsets,
  TransactionState,
} from './transaction/transaction.ts'
