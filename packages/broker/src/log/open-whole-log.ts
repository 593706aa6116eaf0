/**
 * Opens a log that nothing is to be done for, in the very call in which somebody first asks for it. *Whole* is a log that ends where its recovery
 * point says, with everything beside it that a stop in order writes: then it holds nothing that was not synced, whatever end the broker itself came to.
 * A log that is not whole in any way is `loadLog`'s.
 */
import { BATCH_HEADER_BYTES, CorruptRecordsError, type Crc32c, RecordBatch } from '@varve/protocol'
import { type Disk, DiskError } from '../world.ts'
import { markerIn } from './aborted-transaction.ts'
import { indexedEnd } from './indexed-end.ts'
import { LeaderEpochs } from './leader-epochs.ts'
import type { LoadOptions } from './load-options.ts'
import { LEADER_EPOCHS_FILE } from './log-caches.ts'
import { isBatchFile, type LogFolder, logFolderOf } from './log-folder.ts'
import type { LogIdentity, LogState } from './log-state.ts'
import type { LoadTools } from './log-tools.ts'
import { partitionMetadataPath, topicIdIn } from './partition-metadata.ts'
import { decodeProducerSnapshot } from './producer-snapshot.ts'
import { type ProducerEntry, ProducerState } from './producer-state.ts'
import { scanSegmentNow } from './scan-segment.ts'
import type { Segment } from './segment.ts'
import { segmentFileName } from './segment-files.ts'
import { segmentsOfFolder } from './segments-of-folder.ts'
import { uselessFiles } from './useless-files.ts'

/** What lies behind the last index entry is a few batches. More than this is not read while the event loop waits. */
const TAIL_BYTES_MAX = 16 * 1024 * 1024

/** Undefined when the log is not whole, or cannot be read: then its files are as they were. */
export function openWholeLog(
  identity: LogIdentity,
  options: LoadOptions,
  tools: LoadTools,
): LogState | undefined {
  const { recovered, recoveryPoint, logStartOffset } = options
  // Records were deleted that a crash has taken before anybody could.
  if (logStartOffset > recoveryPoint) return undefined
  if (recovered !== undefined && recovered.entries.length > 0) return undefined
  if ((recovered?.durableOffset ?? 0) > recoveryPoint) return undefined
  try {
    return openFolder(identity, options, tools)
  } catch (error) {
    // `loadLog` meets it again, and says so.
    if (error instanceof DiskError || error instanceof CorruptRecordsError) return undefined
    throw error
  }
}

function openFolder(
  identity: LogIdentity,
  options: LoadOptions,
  tools: LoadTools,
): LogState | undefined {
  const { disk } = tools.world
  const { directory } = identity
  const folder = logFolderOf(disk.listNow(directory, isBatchFile) ?? [])
  if (folder.others.some(name => UNFINISHED.test(name))) return undefined
  if (topicIdIn(disk.readFileNow(partitionMetadataPath(directory))) !== identity.topicId)
    return undefined
  const kept = folder.files.get('log') ?? []
  // An empty file is a segment only where it is the only one: else `loadLog` finds out what it is.
  if (kept.length > 1 && kept.some(({ sizeBytes }) => sizeBytes === 0)) return undefined
  const { recoveryPoint, logStartOffset } = options
  const segments = segmentsOfFolder(identity, folder, { kept, logStartOffset }, tools)
  if (!endsWhole(segments.active, folder, options, tools)) return undefined
  const leaderEpochs = new LeaderEpochs()
  const epochs = disk.readFileNow(`${directory}/${LEADER_EPOCHS_FILE}`)
  if (epochs === undefined || !leaderEpochs.load(epochs)) return undefined
  const entries = producersAt(recoveryPoint, folder, directory, tools)
  if (entries === undefined) return undefined
  for (const name of uselessFiles(folder, { segments, logEndOffset: recoveryPoint }))
    disk.removeNow(`${directory}/${name}`)
  const producers = new ProducerState(tools.producerQuota)
  producers.load(entries)
  return {
    ...{ segments, leaderEpochs, producers },
    logEndOffset: recoveryPoint,
    logStartOffset: Math.max(logStartOffset, segments.first.baseOffset),
    lastStop: 'clean',
    hasFolder: true,
  }
}

/** What somebody had begun, and a note that the log is damaged. */
const UNFINISHED = /\.(cleaned|swap|tmp)$|^damaged$/

/** Whether the log ends at its recovery point, in its last segment, and the indexes of that segment cover all of it. Takes them in. */
function endsWhole(
  active: Segment,
  { files }: LogFolder,
  { recoveryPoint, lastStop }: LoadOptions,
  { world, crc32c }: LoadTools,
): boolean {
  const { baseOffset, sizeBytes } = active
  if (INDEXES.some(kind => (files.get(kind)?.at(-1)?.offset ?? 0) > baseOffset)) return false
  if (sizeBytes === 0) {
    active.resetIndexes()
    return baseOffset === recoveryPoint
  }
  const [offsets, times, aborted] = INDEXES.map(kind =>
    files.get(kind)?.at(-1)?.offset === baseOffset
      ? world.disk.readFileNow(active.pathOf(kind))
      : undefined,
  )
  const indexes = active.takeIndexes(offsets, times)
  const transactions = active.transactions.index ?? active.transactions.take(aborted)
  if (indexes === undefined || transactions === undefined) return false
  const from = indexes.offsets.lastPosition
  if (sizeBytes - from > TAIL_BYTES_MAX) return false
  const tail = readTail(active, from, {
    disk: world.disk,
    crc32c: lastStop === 'clean' ? undefined : crc32c,
  })
  if (!tail.isWhole || tail.endOffset !== recoveryPoint) return false
  // Batches that a loss of power has taken, while the index files outlived it.
  if (indexedEnd(indexes.times, transactions) > recoveryPoint) return false
  if (lastStop === 'clean') return true
  // A crash may have come before anybody wrote what the indexes lack, and that is in the tail, for the offset index is written last.
  const hasAborted = tail.lastAbort <= (transactions.entries().at(-1)?.lastOffset ?? -1)
  return hasAborted && tail.maxTimestamp <= indexes.times.lastTimestamp
}

const INDEXES = ['index', 'timeindex', 'txnindex'] as const

interface SegmentTail {
  readonly isWhole: boolean
  readonly endOffset: number
  readonly maxTimestamp: number
  /** The offset of the last marker that may have aborted a transaction; -1 when there is none. */
  readonly lastAbort: number
}

/** Reads what lies behind the last index entry, and the header of the first batch. Checks what it reads with `crc32c`, if that is given. */
function readTail(
  active: Segment,
  from: number,
  { disk, crc32c }: { readonly disk: Disk; readonly crc32c: Crc32c | undefined },
): SegmentTail {
  const { sizeBytes } = active
  let endOffset = -1
  let maxTimestamp = -1
  let lastAbort = -1
  const file = disk.openNow(active.path, 'existing')
  try {
    const first = Buffer.allocUnsafe(BATCH_HEADER_BYTES)
    if (file.readNow(0, first) < first.length) return NO_TAIL
    active.setFirstTimestamp(new RecordBatch(first).maxTimestamp)
    const end = scanSegmentNow(file, {
      ...{ from, to: sizeBytes },
      visit: batch => {
        if (crc32c !== undefined && !batch.crcIsValid(crc32c)) return 'invalid'
        endOffset = batch.lastOffset + 1
        maxTimestamp = Math.max(maxTimestamp, batch.maxTimestamp)
        if (crc32c !== undefined && batch.isControl && markerIn(batch)?.type !== 'COMMIT')
          lastAbort = batch.lastOffset
        return 'valid'
      },
    })
    const isWhole = end === sizeBytes && file.sizeBytes === sizeBytes
    return { isWhole, endOffset, maxTimestamp, lastAbort }
  } finally {
    // It was read from and no more: a failure to close loses nothing.
    file.close().catch(() => undefined)
  }
}

const NO_TAIL: SegmentTail = { isWhole: false, endOffset: -1, maxTimestamp: -1, lastAbort: -1 }

/** The producers of the snapshot that a stop takes at the end of the log; undefined when there is none that can be read. */
function producersAt(
  endOffset: number,
  { files }: LogFolder,
  directory: string,
  tools: LoadTools,
): readonly ProducerEntry[] | undefined {
  if (files.get('snapshot')?.at(-1)?.offset !== endOffset) return undefined
  const { disk } = tools.world
  const read = (kind: 'snapshot' | 'sequences') =>
    disk.readFileNow(`${directory}/${segmentFileName(endOffset, kind)}`)
  const snapshot = read('snapshot')
  if (snapshot === undefined) return undefined
  const hasSequences = files.get('sequences')?.at(-1)?.offset === endOffset
  const sequences = hasSequences ? read('sequences') : undefined
  return decodeProducerSnapshot({ snapshot, sequences }, tools.crc32c)
}
