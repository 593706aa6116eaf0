import type { TransactionMarker } from '../../log/transaction-marker.ts'
import type { MetadataImage } from '../../metadata/image.ts'
import type { Decision } from './decision.ts'
import type { Moment } from './moment.ts'

/** A record of the internal topic. A null value deletes what the key stands for. */
export interface StoredRecord {
  readonly key: Uint8Array
  readonly value: Uint8Array | null
}

/** What a logic whose records may be part of transactions has to say about them. */
export interface TransactionalLogic<Change> {
  /** Reads a record back that a producer wrote within a transaction. Throws `WireError`. */
  readonly decode: (record: StoredRecord, producerId: number) => Change | undefined
  /** What the marker of its transaction means to the state. */
  readonly ended: (producerId: number, result: TransactionMarker['result']) => Change
}

/**
 * What makes one kind of coordinator: its state, and pure functions over it. The runtime does the rest, once for groups and
 * transactions.
 */
export interface ShardLogic<State, Change, Event, Rules, Errand = never> {
  /** The state of a shard whose log is empty. */
  readonly emptyState: () => State
  /** The record that stands for a change in the log; undefined for a soft one. */
  readonly encode: (change: Change) => StoredRecord | undefined
  /** Reads a record back; undefined for one that a newer version wrote and that means nothing here. Throws `WireError`. */
  readonly decode: (record: StoredRecord) => Change | undefined
  /** There when decisions may name a producer. */
  readonly transactions?: TransactionalLogic<Change>
  /** The only writer of the state, total, and the same at run time and at reload. */
  readonly apply: (state: State, change: Change) => void
  /** After a reload: timers and work for what is there, and changes that were due. */
  readonly loaded: (state: State, moment: Moment<Rules>) => Decision<Change, Event, Errand>
  readonly fired: (
    state: State,
    event: Event,
    moment: Moment<Rules>,
  ) => Decision<Change, Event, Errand>
  /** Topics came, went or grew. `moment.image` is the new image. */
  readonly metadataChanged: (
    state: State,
    previous: MetadataImage,
    moment: Moment<Rules>,
  ) => Decision<Change, Event, Errand>
}
