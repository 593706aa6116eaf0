/** What is found in a file of a data folder, piece by piece, as values that whoever prints them puts into words. */
import type { AbortedTransaction } from '../aborted-transaction.ts'
import type { CheckpointEntry } from '../checkpoint-file.ts'
import type { DurableOffset, GroupHeader } from '../journal/group.ts'
import type { LeaderEpochStart } from '../leader-epochs.ts'
import type { ProducerBatch, ProducerEntry } from '../producer-state.ts'
import type { DecodedRecord } from './decode-record.ts'

export type DumpEntry =
  | { readonly type: 'file'; readonly kind: DumpedKind; readonly startOffset: number | undefined }
  | BatchEntry
  | RecordEntry
  | { readonly type: 'offset index'; readonly offset: number; readonly position: number }
  | { readonly type: 'time index'; readonly timestamp: number; readonly offset: number }
  | ({ readonly type: 'aborted transaction' } & AbortedTransaction)
  | ({ readonly type: 'producer' } & Omit<ProducerEntry, 'sweep'>)
  | {
      readonly type: 'sequences'
      readonly producerId: number
      readonly sequencesKnown: number
      readonly batches: readonly ProducerBatch[]
    }
  | ({ readonly type: 'leader epoch' } & LeaderEpochStart)
  | ({ readonly type: 'checkpoint' } & CheckpointEntry)
  | { readonly type: 'property'; readonly name: string; readonly value: string }
  | ({ readonly type: 'journal group'; readonly position: number } & GroupHeader)
  | ({ readonly type: 'durable offset' } & DurableOffset)
  | JournalDumpEntry
  /** What cannot be read, and from which position on; undefined where the file as a whole makes no sense. */
  | { readonly type: 'flaw'; readonly position: number | undefined; readonly about: string }

/** What a file is, by its name. */
export type DumpedKind =
  | 'log'
  | 'offset index'
  | 'time index'
  | 'transaction index'
  | 'producer snapshot'
  | 'sequences'
  | 'leader epochs'
  | 'checkpoint'
  | 'properties'
  | 'journal'

/** The header of a batch, and where it lies. */
export interface BatchEntry {
  readonly type: 'batch'
  readonly baseOffset: number
  readonly lastOffset: number
  readonly recordsCount: number
  readonly baseSequence: number
  readonly lastSequence: number
  readonly producerId: number
  readonly producerEpoch: number
  readonly partitionLeaderEpoch: number
  readonly isTransactional: boolean
  readonly isControl: boolean
  readonly deleteHorizonMs: number | undefined
  readonly position: number
  readonly timestampType: 'CreateTime' | 'LogAppendTime'
  readonly maxTimestamp: number
  readonly sizeBytes: number
  readonly magic: number
  /** `unknown` for the numbers that mean no codec. */
  readonly compression: string
  readonly crc: number
  readonly crcIsValid: boolean
}

/** One record of a batch. */
export interface RecordEntry {
  readonly type: 'record'
  readonly offset: number
  readonly timestampType: 'CreateTime' | 'LogAppendTime'
  readonly timestamp: number
  readonly keyBytes: number
  readonly valueBytes: number
  readonly sequence: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: readonly { readonly key: string; readonly value: Buffer | null }[]
  /** What the key and value say, for control records and where a decoder was asked for. */
  readonly decoded: DecodedRecord | undefined
}

/** Batches that a group of the journal holds, or whose place it names. */
export interface JournalDumpEntry {
  readonly type: 'journal entry'
  readonly holds: 'bytes' | 'extent'
  readonly topicId: string
  readonly partition: number
  readonly leaderEpoch: number
  readonly baseOffset: number
  readonly endOffset: number
  readonly segmentBaseOffset: number
  readonly segmentPosition: number
  readonly sizeBytes: number
}
