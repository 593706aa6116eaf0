/** The first half of a cleaning: which record of each key is the newest one. */
import type { Codecs } from '@varve/protocol'
import { RecordWalk } from '@varve/protocol'
import type { Segment } from '../segment.ts'
import { AbortedRanges, findAborted } from './aborted-ranges.ts'
import { batchesFrom, type WindowTools } from './batch-windows.ts'
import type { OffsetMap } from './offset-map.ts'

export interface MapSource {
  /** From the one that holds the first dirty offset to the end of the log. */
  readonly segments: readonly Segment[]
  readonly firstDirtyOffset: number
  /** Where the map ends at the latest: the base offset of a segment. */
  readonly endOffset: number
}

export interface MapTools extends WindowTools {
  readonly codecs: Codecs
  readonly decompressedBytesMax: number
}

/** What a look through the dirty records tells beside the map. */
export interface DirtyTransactions {
  readonly aborted: AbortedRanges
  /** The offset of the last transaction marker by producer. */
  readonly newestMarkers: ReadonlyMap<number, number>
}

/**
 * Puts the dirty records into the map until it is full or has all, and returns which transactions were aborted among them. Their records
 * are as if they had never been written: they replace nothing.
 */
export async function buildOffsetMap(
  map: OffsetMap,
  source: MapSource,
  tools: MapTools,
): Promise<DirtyTransactions> {
  const { firstDirtyOffset, endOffset } = source
  let aborted: AbortedRanges | undefined
  const newestMarkers = new Map<number, number>()
  const found = () => ({ aborted: aborted ?? new AbortedRanges(), newestMarkers })
  for (const [index, segment] of source.segments.entries()) {
    if (segment.baseOffset >= endOffset) break
    const { offsets } = await segment.requireIndexes()
    const position = offsets.floorPosition(firstDirtyOffset)
    for await (const { batch } of batchesFrom(segment, position, tools)) {
      if (batch.lastOffset < firstDirtyOffset) continue
      if (batch.isTransactional && !batch.isControl)
        aborted ??= await findAborted(source.segments.slice(index), batch.baseOffset, tools)
      if (!batch.isControl && aborted?.cover(batch) !== true) {
        const walk = new RecordWalk(batch, tools.codecs, tools.decompressedBytesMax)
        if (enter(map, walk, firstDirtyOffset) === 'full') return found()
      }
      if (batch.isControl) newestMarkers.set(batch.producerId, batch.lastOffset)
      map.passed(batch.lastOffset)
    }
  }
  map.passed(endOffset - 1)
  return found()
}

function enter(map: OffsetMap, walk: RecordWalk, firstDirtyOffset: number): 'entered' | 'full' {
  while (walk.next()) {
    if (walk.keyLength < 0 || walk.offset < firstDirtyOffset) continue
    if (map.isFull) return 'full'
    map.put(walk.bytes, walk.keyStart, walk.keyLength, walk.offset)
  }
  return 'entered'
}
