/** Building the producer state of a log at some offset: from the newest usable snapshot, and the batches after it (T2). */

import type { LogFolder } from './log-folder.ts'
import type { LogIdentity } from './log-state.ts'
import type { LoadTools } from './log-tools.ts'
import { decodeProducerSnapshot } from './producer-snapshot.ts'
import { ProducerState } from './producer-state.ts'
import { scanSegment } from './scan-segment.ts'
import { segmentFileName } from './segment-files.ts'
import type { SegmentList } from './segment-list.ts'
import { trustedBatch } from './trusted-batch.ts'

export interface ReplaySource {
  readonly identity: LogIdentity
  readonly segments: SegmentList
  readonly folder: LogFolder | undefined
}

/** The state after all batches below `offset`, which is where a batch, or the log, ends. */
export async function loadProducersBefore(
  offset: number,
  source: ReplaySource,
  tools: LoadTools,
): Promise<ProducerState> {
  const producers = new ProducerState(tools.producerQuota)
  try {
    const snapshotOffset = await loadSnapshot(producers, offset, source, tools)
    const from = Math.max(snapshotOffset, source.segments.first.baseOffset)
    await replay(producers, { from, to: offset }, source, tools)
    return producers
  } catch (error) {
    // Nobody gets them: they count no more.
    producers.clear()
    throw error
  }
}

/** Applies the batches in `[from, to)`. */
async function replay(
  producers: ProducerState,
  { from, to }: { readonly from: number; readonly to: number },
  source: ReplaySource,
  tools: LoadTools,
): Promise<void> {
  if (from >= to) return
  for (const segment of source.segments.from(from)) {
    if (segment.baseOffset >= to) break
    await scanSegment(await segment.open(), {
      from: 0,
      to: segment.sizeBytes,
      visit: batch => {
        if (batch.baseOffset >= to) return 'invalid'
        if (batch.baseOffset >= from && batch.hasProducer) {
          producers.apply(trustedBatch(batch, source.identity, tools))
          producers.committedUpTo(batch.lastOffset + 1)
        }
        return 'valid'
      },
    })
  }
}

/** Loads the newest snapshot at or below `offset` that can be read; returns its offset, 0 for none. */
async function loadSnapshot(
  producers: ProducerState,
  offset: number,
  source: ReplaySource,
  tools: LoadTools,
): Promise<number> {
  const { disk, log } = tools.world
  const { directory } = source.identity
  const snapshots = source.folder?.files.get('snapshot') ?? []
  for (const { offset: snapshotOffset } of snapshots.toReversed()) {
    if (snapshotOffset > offset) continue
    const snapshot = await disk.readFile(
      `${directory}/${segmentFileName(snapshotOffset, 'snapshot')}`,
    )
    const sequences = await disk.readFile(
      `${directory}/${segmentFileName(snapshotOffset, 'sequences')}`,
    )
    const entries =
      snapshot === undefined
        ? undefined
        : decodeProducerSnapshot({ snapshot, sequences }, tools.crc32c)
    if (entries !== undefined) {
      producers.load(entries)
      return snapshotOffset
    }
    log.warn('A producer snapshot was damaged and is passed over.', {
      directory,
      offset: snapshotOffset,
    })
  }
  return 0
}
