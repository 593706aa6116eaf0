import { controlRecordsOf, markerCoordinatorEpoch, type RecordBatch } from '@varve/protocol'

/** A transaction that was aborted, as one partition knows it: what a reader of committed records has to leave out. */
export interface AbortedTransaction {
  readonly producerId: number
  /** Where its first batch begins. */
  readonly firstOffset: number
  /** Where its ABORT marker lies. */
  readonly lastOffset: number
  /** The first offset of the oldest transaction that was open when this one ended, else the offset after the marker. */
  readonly lastStableOffset: number
}

/** What the record of a transaction marker says. */
export interface MarkerContent {
  readonly type: 'ABORT' | 'COMMIT'
  readonly coordinatorEpoch: number
}

/** The marker in a control batch; undefined for other control records, and for a marker that compaction has emptied. */
export function markerIn(batch: RecordBatch): MarkerContent | undefined {
  const [record] = controlRecordsOf(batch)
  if (record === undefined) return undefined
  const { type } = record
  const coordinatorEpoch = markerCoordinatorEpoch(record)
  if ((type !== 'ABORT' && type !== 'COMMIT') || coordinatorEpoch === undefined) return undefined
  return { type, coordinatorEpoch }
}
