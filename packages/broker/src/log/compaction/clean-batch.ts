/** What becomes of one batch in a cleaning, by Kafka's rules (C1 to C5). */
import type { Codecs, Crc32c, RecordBatch } from '@varve/protocol'
import { RecordWalk } from '@varve/protocol'
import type { AbortedRanges } from './aborted-ranges.ts'
import type { LastBatches } from './last-batches.ts'
import type { OffsetMap } from './offset-map.ts'
import { emptiedBatch, type KeptRecords, rewrittenBatch } from './rewrite-batch.ts'
import type { TransactionsSeen } from './transactions-seen.ts'

/** Far beyond all times, and so that a record's distance to it is a number. */
const HORIZON_MAX = 2 ** 52

export interface CleaningRules {
  readonly map: OffsetMap
  readonly aborted: AbortedRanges
  readonly seen: TransactionsSeen
  readonly lastBatches: LastBatches
  /** The wall clock. */
  readonly now: number
  readonly deleteRetentionMs: number
  readonly codecs: Codecs
  readonly crc32c: Crc32c
  readonly decompressedBytesMax: number
}

/** Whether the header of the batch has to stay though its records may go: then it says where the log, or the segment, ends. */
export type BatchPlace = 'ends the segment' | 'anywhere'

/** The batch as it was, other bytes instead of it, or nothing. */
export type CleanedBatch = 'same' | Buffer | 'gone'

/** Asked once for each batch, in the order of the log. */
export function cleanBatch(
  batch: RecordBatch,
  place: BatchPlace,
  rules: CleaningRules,
): CleanedBatch {
  const staysEmpty = place === 'ends the segment' || rules.lastBatches.include(batch)
  if (batch.isControl) return cleanMarker(batch, staysEmpty, rules)
  rules.seen.sawRecords(batch)
  if (batch.recordsCount === 0) return staysEmpty ? 'same' : 'gone'
  if (rules.aborted.cover(batch)) return staysEmpty ? emptiedBatch(batch, rules.crc32c) : 'gone'
  if (batch.baseOffset > rules.map.latestOffset) return 'same'
  return cleanRecords(batch, staysEmpty, rules)
}

/**
 * C3: markers have no key to be replaced by. Once a marker stands alone its time runs, as that of a tombstone does. A marker that says where
 * its producer is stays whole: its record has the epoch of the coordinator.
 */
function cleanMarker(batch: RecordBatch, stays: boolean, rules: CleaningRules): CleanedBatch {
  if (!batch.isTransactional) return 'same'
  const standsAlone = rules.seen.endedWithoutRecords(batch)
  if (stays) return 'same'
  if (batch.recordsCount === 0) return 'gone'
  if (!standsAlone || batch.lastOffset > rules.map.latestOffset) return 'same'
  if (batch.hasDeleteHorizon) return rules.now < batch.baseTimestamp ? 'same' : 'gone'
  const walk = new RecordWalk(batch, rules.codecs, rules.decompressedBytesMax)
  const { recordsCount } = batch
  const kept: KeptRecords = { isKept: new Uint8Array(recordsCount).fill(1), count: recordsCount }
  return rewrittenBatch(batch, walk, kept, { ...rules, deleteHorizonMs: horizonOf(rules) })
}

function cleanRecords(batch: RecordBatch, staysEmpty: boolean, rules: CleaningRules): CleanedBatch {
  const walk = new RecordWalk(batch, rules.codecs, rules.decompressedBytesMax)
  const tombstonesMayGo = batch.hasDeleteHorizon && rules.now >= batch.baseTimestamp
  const { latestOffset } = rules.map
  const kept: KeptRecords = { isKept: new Uint8Array(batch.recordsCount), count: 0 }
  let hasTombstone = false
  for (let index = 0; walk.next(); index++) {
    const isTombstone = walk.valueLength < 0
    if (walk.offset <= latestOffset) {
      if (walk.keyLength < 0 || (isTombstone && tombstonesMayGo)) continue
      const newest = rules.map.get(walk.bytes, walk.keyStart, walk.keyLength)
      if (walk.offset < newest) continue
      hasTombstone ||= isTombstone
    }
    kept.isKept[index] = 1
    kept.count++
  }
  if (kept.count === 0) return staysEmpty ? emptiedBatch(batch, rules.crc32c) : 'gone'
  // A tombstone behind the clean point has not become clean yet, and its time does not run (C2).
  const getsHorizon = hasTombstone && !batch.hasDeleteHorizon && batch.lastOffset <= latestOffset
  if (kept.count === batch.recordsCount && !getsHorizon) return 'same'
  const deleteHorizonMs = getsHorizon ? horizonOf(rules) : undefined
  return rewrittenBatch(batch, walk, kept, { ...rules, deleteHorizonMs })
}

function horizonOf({ now, deleteRetentionMs }: CleaningRules): number {
  return Math.min(now + deleteRetentionMs, HORIZON_MAX)
}
