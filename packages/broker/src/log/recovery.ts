/**
 * What a start after a crash does with a log: checks every batch from the recovery point on, cuts a torn tail, builds indexes, leader
 * epochs and producer state anew, and syncs the result before anybody sees it. Doing it twice gives the same (reliability.md 4.6).
 */
import type { RecordBatch } from '@varve/protocol'
import type { LeaderEpochs } from './leader-epochs.ts'
import { damagedLog, durableEndOf, type LoadOptions } from './load-options.ts'
import { LEADER_EPOCHS_FILE } from './log-caches.ts'
import type { LogFolder } from './log-folder.ts'
import type { LogIdentity } from './log-state.ts'
import type { LoadTools } from './log-tools.ts'
import { loadProducersBefore } from './producer-replay.ts'
import { encodeProducerSnapshot } from './producer-snapshot.ts'
import { abortedBy, type ProducerState } from './producer-state.ts'
import { rebuildSealed } from './rebuild-sealed.ts'
import { scanSegment } from './scan-segment.ts'
import type { Segment } from './segment.ts'
import { entryOf } from './segment-entry.ts'
import { segmentFileName } from './segment-files.ts'
import type { SegmentList } from './segment-list.ts'
import { type ProducerSnapshot, writeSnapshotFiles } from './snapshot-files.ts'
import { cutTornTail } from './torn-tail.ts'
import { type BatchBounds, flawOf } from './verify/batch-rules.ts'

const INDEX_INTERVAL_BYTES = 4096

export interface RecoverySource {
  readonly segments: SegmentList
  readonly leaderEpochs: LeaderEpochs
  readonly folder: LogFolder | undefined
  readonly options: LoadOptions
}

export interface RecoveredState {
  readonly logEndOffset: number
  readonly producers: ProducerState
}

/** Recovers the segments from the one that holds the recovery point. Rejects with a `DiskError` of code `EBADMSG` when durable records are bad or missing. */
export async function recoverSegments(
  identity: LogIdentity,
  source: RecoverySource,
  tools: LoadTools,
): Promise<RecoveredState> {
  const { segments, options, folder } = source
  const from = segments.from(options.recoveryPoint)
  const firstBase = (from[0] as Segment).baseOffset
  const producers = await loadProducersBefore(firstBase, { identity, segments, folder }, tools)
  try {
    return await recoverFrom(from, identity, { source, producers }, tools)
  } catch (error) {
    // Nobody gets them: they count no more.
    producers.clear()
    throw error
  }
}

async function recoverFrom(
  from: readonly Segment[],
  identity: LogIdentity,
  { source, producers }: { readonly source: RecoverySource; readonly producers: ProducerState },
  tools: LoadTools,
): Promise<RecoveredState> {
  const { segments, options } = source
  const recovery = new Recovery(source, producers, tools)
  const cuts = await recovery.scan(from)
  const expected = durableEndOf(options)
  if (recovery.nextOffset < expected) {
    const { directory } = identity
    tools.world.log.error(
      'A log has lost durable records: its partition stays offline, its files are left as they are.',
      {
        ...{ directory, expected, found: recovery.nextOffset },
      },
    )
    throw damagedLog(directory)
  }
  for (const cut of cuts) await cutSegment(identity, cut, tools)
  await removeAfter(recovery.lastSegment, segments, tools)
  await removeBeyond(identity, source, recovery.nextOffset, tools)
  source.leaderEpochs.truncateFromEnd(recovery.nextOffset + 1)
  for (const snapshot of recovery.snapshots)
    await writeSnapshotFiles(tools.world.disk, identity.directory, snapshot)
  // The next recovery begins where this one ends, and will not see where an epoch began before that.
  if (source.leaderEpochs.revision > 0)
    await tools.world.disk.writeFileAtomically(
      `${identity.directory}/${LEADER_EPOCHS_FILE}`,
      source.leaderEpochs.encode(),
    )
  await rebuildSealed(identity, source, tools)
  await settle(segments.from(options.recoveryPoint))
  await tools.world.disk.syncDirectory(identity.directory)
  return { logEndOffset: recovery.nextOffset, producers }
}

/** Makes what was recovered durable, with the indexes of the segments that nothing is added to any more. */
async function settle(segments: readonly Segment[]): Promise<void> {
  for (const segment of segments) {
    await segment.sync()
    if (segment === segments.at(-1)) return
    segment.seal()
    await segment.writeIndexes()
  }
}

/** A segment whose valid part ends before its file does. */
interface Cut {
  readonly segment: Segment
  readonly position: number
}

class Recovery {
  readonly #source: RecoverySource
  /** Compaction may have left gaps up to here. */
  readonly #gapsTo: number
  readonly #producers: ProducerState
  readonly #tools: LoadTools
  /** The producers where each segment begins: when those before it are deleted, nothing else says what was in them (T2). */
  readonly snapshots: ProducerSnapshot[] = []
  nextOffset: number
  #lastSegment: Segment
  #leaderEpoch = -1

  constructor(source: RecoverySource, producers: ProducerState, tools: LoadTools) {
    this.#source = source
    this.#gapsTo = Math.max(source.options.recoveryPoint, source.options.compactedTo)
    this.#producers = producers
    this.#tools = tools
    this.#lastSegment = source.segments.from(source.options.recoveryPoint)[0] as Segment
    this.nextOffset = this.#lastSegment.baseOffset
  }

  /** The last segment that is part of the log; those after it begin beyond the log's end. */
  get lastSegment(): Segment {
    return this.#lastSegment
  }

  /**
   * Scans the segments in order, as far as they continue each other. What is invalid at the end of one is cut, and need not be the log's
   * end: a write that failed and was taken back may have left it there, and the next segment begins right where the valid part ends.
   */
  async scan(segments: readonly Segment[]): Promise<readonly Cut[]> {
    const cuts: Cut[] = []
    for (const segment of segments) {
      // What was cut is no gap of compaction's.
      const isCut = cuts.at(-1)?.segment === this.#lastSegment
      if (isCut ? segment.baseOffset !== this.nextOffset : !this.#continuesAt(segment.baseOffset))
        break
      this.#lastSegment = segment
      if (segment !== segments[0] || this.#lacksSnapshot(segment))
        this.#takeSnapshot(segment.baseOffset)
      const sizeBytes = segment.sizeBytes
      const position = await this.#scanSegment(segment, sizeBytes)
      if (position < sizeBytes) cuts.push({ segment, position })
    }
    return cuts
  }

  /** The crash may have come after the roll and before its snapshot was written. */
  #lacksSnapshot({ baseOffset }: Segment): boolean {
    const { segments, folder } = this.#source
    const written = folder?.files.get('snapshot') ?? []
    return (
      segments.first.baseOffset < baseOffset && !written.some(({ offset }) => offset === baseOffset)
    )
  }

  #takeSnapshot(offset: number): void {
    const content = encodeProducerSnapshot([...this.#producers.entries()], this.#tools.crc32c)
    this.snapshots.push({ offset, content })
  }

  async #scanSegment(segment: Segment, sizeBytes: number): Promise<number> {
    const file = await segment.open()
    segment.resetIndexes()
    segment.markUnsynced(0)
    const { recoveryPoint } = this.#source.options
    let lastOffset = -1
    return scanSegment(file, {
      from: 0,
      to: sizeBytes,
      visit: batch => {
        if (!this.#isNext(segment, batch)) return 'invalid'
        lastOffset = batch.lastOffset
        this.#enter(segment, batch)
        return 'valid'
      },
      // A failed sync may have left pages that count as clean and are not on the disk: written again they are dirty again (L6).
      passed: async (bytes, position) => {
        if (lastOffset >= recoveryPoint) await file.write(position, [bytes])
      },
    })
  }

  /**
   * Offsets follow each other without a gap, for a gap means that a write was lost and a later one was not. Only what was compacted has
   * gaps, and that is synced and below the recovery point before the log takes it.
   */
  #continuesAt(offset: number): boolean {
    return offset === this.nextOffset || (offset > this.nextOffset && offset <= this.#gapsTo)
  }

  /** L4: whole, valid, with offsets that follow and epochs that do not go back. */
  #isNext({ baseOffset }: Segment, batch: RecordBatch): boolean {
    const bounds: BatchBounds = {
      segmentBaseOffset: baseOffset,
      nextOffset: Math.max(this.nextOffset, baseOffset),
      gapsTo: this.#gapsTo,
      endOffset: Number.POSITIVE_INFINITY,
      leaderEpoch: this.#leaderEpoch,
    }
    return flawOf(batch, bounds, this.#tools.crc32c) === undefined
  }

  #enter(segment: Segment, batch: RecordBatch): void {
    const { baseOffset, lastOffset } = batch
    const previous = batch.hasProducer ? this.#producers.apply(batch) : undefined
    const aborted = abortedBy(batch, previous, this.#producers)
    segment.enter({ ...entryOf(batch), aborted }, INDEX_INTERVAL_BYTES)
    this.#producers.committedUpTo(lastOffset + 1)
    this.nextOffset = lastOffset + 1
    this.#leaderEpoch = batch.partitionLeaderEpoch
    this.#source.leaderEpochs.assign(batch.partitionLeaderEpoch, baseOffset)
  }
}

async function cutSegment(
  identity: LogIdentity,
  { segment, position }: Cut,
  tools: LoadTools,
): Promise<void> {
  const file = await segment.open()
  const cutBytes = file.sizeBytes - position
  const outcome = await cutTornTail(tools.world.disk, file, position, tools.crc32c)
  segment.markUnsynced(position)
  const { directory } = identity
  tools.world.log.warn('The end of a segment was torn by the crash and was cut.', {
    directory,
    segment: segment.baseOffset,
    cutBytes,
    outcome,
  })
}

/** Takes the segments beyond the log's end out of it, the last one first; what they hold is kept aside. */
async function removeAfter(last: Segment, segments: SegmentList, tools: LoadTools): Promise<void> {
  const { disk, log } = tools.world
  for (const segment of segments.from(last.baseOffset).slice(1).toReversed()) {
    await segment.closeFile()
    if (segment.sizeBytes > 0) await disk.rename(segment.path, `${segment.path}.0.torn`)
    else await disk.remove(segment.path)
    log.warn('A segment beyond the end of its log was taken out.', {
      path: segment.path,
      sizeBytes: segment.sizeBytes,
    })
  }
  segments.keepUpTo(last.baseOffset)
}

/** Removes the files that go with records which are no more. */
async function removeBeyond(
  identity: LogIdentity,
  source: RecoverySource,
  endOffset: number,
  tools: LoadTools,
): Promise<void> {
  const lastBase = source.segments.active.baseOffset
  const bounds = {
    snapshot: endOffset,
    sequences: endOffset,
    index: lastBase,
    timeindex: lastBase,
    txnindex: lastBase,
  } as const
  for (const [kind, bound] of Object.entries(bounds) as [keyof typeof bounds, number][]) {
    for (const { offset } of source.folder?.files.get(kind) ?? []) {
      if (offset > bound)
        await tools.world.disk.remove(`${identity.directory}/${segmentFileName(offset, kind)}`)
    }
  }
}
