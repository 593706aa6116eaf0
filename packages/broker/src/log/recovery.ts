/**
 * What a start after a crash does with a log: checks every batch from the recovery mark or the segment of the recovery point on, cuts a torn tail, builds indexes, leader
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
import { abortedBy, ProducerState } from './producer-state.ts'
import { rebuildSealed } from './rebuild-sealed.ts'
import { cutSegment, removeAfter, removeBeyond, type SegmentCut } from './recovery-cuts.ts'
import { RECOVERY_MARK_FILE } from './recovery-mark.ts'
import type { MarkPlace } from './recovery-marks.ts'
import { scanSegment } from './scan-segment.ts'
import type { Segment } from './segment.ts'
import { entryOf } from './segment-entry.ts'
import type { SegmentList } from './segment-list.ts'
import { type ProducerSnapshot, writeSnapshotFiles } from './snapshot-files.ts'
import { type TrustedMark, trustedMark } from './trusted-mark.ts'
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
  /** Of the mark that the scan went on from; any other is of no use. */
  readonly mark: MarkPlace | undefined
}

/** The same, and where the scan goes on: from the mark, else from the start of a segment. */
interface MarkedSource extends RecoverySource {
  readonly mark: TrustedMark | undefined
}

/**
 * Recovers the segments from the one that holds the recovery point, and that one from its mark on if there is one to be trusted. Rejects with a
 * `DiskError` of code `EBADMSG` when durable records are bad or missing.
 */
export async function recoverSegments(
  identity: LogIdentity,
  given: RecoverySource,
  tools: LoadTools,
): Promise<RecoveredState> {
  const { segments, options, folder } = given
  const mark = await markOf(identity, given, tools)
  const recoveryPoint = Math.max(options.recoveryPoint, mark?.offset ?? 0)
  const source = { ...given, mark, options: { ...options, recoveryPoint } }
  const from = segments.from(recoveryPoint)
  const firstBase = (from[0] as Segment).baseOffset
  const producers =
    mark === undefined
      ? await loadProducersBefore(firstBase, { identity, segments, folder }, tools)
      : new ProducerState(tools.producerQuota)
  try {
    if (mark !== undefined) producers.load(mark.producers)
    return await recoverFrom(from, identity, { source, producers }, tools)
  } catch (error) {
    // Nobody gets them: they count no more.
    producers.clear()
    throw error
  }
}

function markOf(
  { directory }: LogIdentity,
  { segments, leaderEpochs, folder, options }: RecoverySource,
  { world, crc32c }: LoadTools,
): Promise<TrustedMark | undefined> {
  // What the first segment held is lost: the log ends there (`lostStart`).
  const isStartLost = segments.all.length > 1 && segments.first.sizeBytes === 0
  if (isStartLost || folder?.others.includes(RECOVERY_MARK_FILE) !== true)
    return Promise.resolve(undefined)
  const log = {
    ...{ directory, options, latestEpoch: leaderEpochs.latest },
    bases: segments.all.map(({ baseOffset }) => baseOffset),
    snapshots: folder.files.get('snapshot')?.map(({ offset }) => offset) ?? [],
    open: (baseOffset: number) => (segments.from(baseOffset)[0] as Segment).open(),
  }
  return trustedMark(log, { disk: world.disk, crc32c })
}

async function recoverFrom(
  from: readonly Segment[],
  identity: LogIdentity,
  { source, producers }: { readonly source: MarkedSource; readonly producers: ProducerState },
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
  // One that is not true must not come back once there are other batches where those were that it speaks of.
  if (source.mark === undefined) await removeMark(identity, source, tools)
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
  return { logEndOffset: recovery.nextOffset, producers, mark: placeOf(source.mark) }
}

/** No more of it: the log grows out of the indexes that lie in a mark, and would keep them. */
function placeOf(mark: TrustedMark | undefined): MarkPlace | undefined {
  if (mark === undefined) return undefined
  const { baseOffset, sizeBytes } = mark.segment
  return { baseOffset, sizeBytes }
}

async function removeMark(
  { directory }: LogIdentity,
  { folder }: RecoverySource,
  { world }: LoadTools,
): Promise<void> {
  if (folder?.others.includes(RECOVERY_MARK_FILE) !== true) return
  await world.disk.remove(`${directory}/${RECOVERY_MARK_FILE}`)
  await world.disk.syncDirectory(directory)
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

class Recovery {
  readonly #source: MarkedSource
  /** Compaction may have left gaps up to here. */
  readonly #gapsTo: number
  readonly #producers: ProducerState
  readonly #tools: LoadTools
  /** The producers where each segment begins: when those before it are deleted, nothing else says what was in them (T2). */
  readonly snapshots: ProducerSnapshot[] = []
  nextOffset: number
  #lastSegment: Segment
  #leaderEpoch: number

  constructor(source: MarkedSource, producers: ProducerState, tools: LoadTools) {
    this.#source = source
    this.#gapsTo = Math.max(source.options.recoveryPoint, source.options.compactedTo)
    this.#producers = producers
    this.#tools = tools
    this.#lastSegment = source.segments.from(source.options.recoveryPoint)[0] as Segment
    this.nextOffset = source.mark?.offset ?? this.#lastSegment.baseOffset
    this.#leaderEpoch = source.mark?.leaderEpoch ?? -1
  }

  /** The last segment that is part of the log; those after it begin beyond the log's end. */
  get lastSegment(): Segment {
    return this.#lastSegment
  }

  /**
   * Scans the segments in order, as far as they continue each other. What is invalid at the end of one is cut, and need not be the log's
   * end: a write that failed and was taken back may have left it there, and the next segment begins right where the valid part ends.
   */
  async scan(segments: readonly Segment[]): Promise<readonly SegmentCut[]> {
    const cuts: SegmentCut[] = []
    for (const segment of segments) {
      const isFirst = segment === segments[0]
      // What was cut is no gap of compaction's.
      const isCut = cuts.at(-1)?.segment === this.#lastSegment
      const { baseOffset } = segment
      if (!isFirst && !(isCut ? baseOffset === this.nextOffset : this.#continuesAt(baseOffset)))
        break
      this.#lastSegment = segment
      if (!isFirst || this.#lacksSnapshot(segment)) this.#takeSnapshot(baseOffset)
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
    const from = this.#begin(segment)
    const { recoveryPoint } = this.#source.options
    let lastOffset = -1
    return scanSegment(file, {
      from,
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

  /** Has the segment know what comes before the part that is scanned, and says where that begins. */
  #begin(segment: Segment): number {
    const image = this.#source.mark?.segment
    if (image?.baseOffset === segment.baseOffset) {
      segment.restore(image)
      return image.sizeBytes
    }
    segment.resetIndexes()
    segment.markUnsynced(0)
    return 0
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
