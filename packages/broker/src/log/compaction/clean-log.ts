/** One cleaning of one log: first the newest offset of each key, then segment by segment what is still needed. */
import { DECOMPRESSED_BYTES_MAX } from '@varve/protocol'
import { DiskError, type World } from '../../world.ts'
import type { LogTools } from '../log-tools.ts'
import type { PartitionLog } from '../partition-log.ts'
import { Segment } from '../segment.ts'
import { buildOffsetMap } from './build-offset-map.ts'
import type { CleaningRules } from './clean-batch.ts'
import { cleanGroup, type GroupTools } from './clean-group.ts'
import type { CleanableRange } from './cleanable-range.ts'
import type { CompactionLimits } from './compaction-limits.ts'
import { KeyHash } from './key-hash.ts'
import { LastBatches } from './last-batches.ts'
import { OffsetMap, slotsFor } from './offset-map.ts'
import { CleaningStopped, type Pace } from './pace.ts'
import { segmentGroups } from './segment-groups.ts'
import { carryOutSwap, decideSwap, dropCleaned, prepareSwap } from './swap-segments.ts'
import { TransactionsSeen } from './transactions-seen.ts'

export interface CleaningTools {
  readonly log: Pick<LogTools, 'world' | 'codecs' | 'crc32c'>
  readonly limits: CompactionLimits
  readonly pace: Pace
}

/** What one cleaning has come to. */
export interface Cleaning {
  /** Everything below is clean. It lies before the range's end when the map had no room for more keys. */
  readonly cleanedTo: number
  readonly bytesBefore: number
  readonly bytesAfter: number
}

/**
 * Cleans the log as far as the map of keys reaches. Nothing else may take segments out of the log meanwhile, and the recovery point of the
 * checkpoint file must lie at or beyond the range's end. Rejects with `CleaningStopped`, a `CorruptRecordsError` or `CompressionError` for
 * a damaged segment, or a `DiskError`; the log is then as it was, or a part of it is clean. A failure while names change takes it offline.
 */
export async function cleanLog(
  log: PartitionLog,
  range: CleanableRange,
  tools: CleaningTools,
): Promise<Cleaning> {
  const { world, codecs, crc32c } = tools.log
  const { settings } = log
  const { limits, pace } = tools
  const decompressedBytesMax = Math.max(settings.maxDecompressedBytes, DECOMPRESSED_BYTES_MAX)
  const windows = { crc32c, pace, readBytes: Math.max(1, limits.readBytes) }
  const map = newMap(range, tools)
  const { aborted, newestMarkers } = await buildOffsetMap(
    map,
    { ...range, segments: log.segments.from(range.firstDirtyOffset) },
    { ...windows, codecs, decompressedBytesMax },
  )
  const rules: CleaningRules = {
    ...{ map, aborted, codecs, crc32c, decompressedBytesMax },
    seen: new TransactionsSeen(),
    lastBatches: new LastBatches(log.producers.entries(), range.endOffset, newestMarkers),
    now: world.clock.now(),
    deleteRetentionMs: settings.deleteRetentionMs,
  }
  const cleanedTo = map.latestOffset + 1
  const { directory } = log.identity
  const groupTools: GroupTools = {
    ...windows,
    world,
    indexIntervalBytes: settings.indexIntervalBytes,
    newSegment: (baseOffset, createdMs) => newSegment(world, directory, { baseOffset, createdMs }),
  }
  const segments = log.segments.all.filter(
    ({ baseOffset }) => baseOffset < Math.min(cleanedTo, range.endOffset),
  )
  const endOffset = log.segments.all[segments.length]?.baseOffset ?? range.endOffset
  const sizes = { bytesBefore: 0, bytesAfter: 0 }
  for (const group of segmentGroups(segments, endOffset, settings)) {
    const cleaned = await cleanGroup(group, rules, groupTools)
    await replaceGroup(log, { group, cleaned }, tools)
    for (const { sizeBytes } of group) sizes.bytesBefore += sizeBytes
    sizes.bytesAfter += cleaned.sizeBytes
  }
  return { cleanedTo, ...sizes }
}

/** There are no more dirty keys than dirty offsets. */
function newMap(range: CleanableRange, { limits, log }: CleaningTools): OffsetMap {
  const { mapBytesMax, mapLoadMax } = limits
  const slots = slotsFor(range.endOffset - range.firstDirtyOffset, mapBytesMax, mapLoadMax)
  return new OffsetMap(new KeyHash(log.world.random.bytes(16)), slots, mapLoadMax)
}

function newSegment(
  world: World,
  directory: string,
  of: { readonly baseOffset: number; readonly createdMs: number },
): Segment {
  const segment = new Segment(world.disk, directory, {
    ...of,
    sizeBytes: 0,
    isNew: 'no',
    // It holds no aborted records any more.
    transactionFile: 'none',
  })
  segment.resetIndexes()
  return segment
}

/** C6. From the decision on readers find the new segment, and those at work in an old one begin again when it is taken from them. */
async function replaceGroup(
  log: PartitionLog,
  swap: { readonly group: readonly Segment[]; readonly cleaned: Segment },
  tools: CleaningTools,
): Promise<void> {
  const { group, cleaned } = swap
  const { disk } = tools.log.world
  const { directory } = log.identity
  try {
    if (log.isClosedOrOffline) throw new CleaningStopped('The log is closed.')
    await prepareSwap(disk, directory, cleaned)
  } catch (error) {
    await cleaned.closeFile()
    await dropCleaned(disk, cleaned)
    throw error
  }
  try {
    await decideSwap(disk, directory, cleaned)
    log.segments.replace(group, cleaned)
    log.rewritten(log.segments.from(cleaned.baseOffset)[1]?.baseOffset ?? cleaned.baseOffset)
    for (const segment of group) await segment.indexesAtRest()
    const doomed = await carryOutSwap(disk, directory, { old: group, cleaned })
    for (const segment of group) await segment.closeFile()
    await cleaned.closeFile()
    log.removal.unlinkLater(doomed, log.settings.fileDeleteDelayMs)
  } catch (error) {
    if (error instanceof DiskError) log.storageFailed(error)
    throw error
  }
}
