import { CorruptRecordsError } from '@varve/protocol'
import { DiskError } from '../world.ts'
import { endsEmpty } from './empty-end.ts'
import { lostStart } from './empty-start.ts'
import { firstTimestampOf } from './first-timestamp.ts'
import { indexedEnd } from './indexed-end.ts'
import { LeaderEpochs } from './leader-epochs.ts'
import { damagedLog, durableEndOf, type LoadOptions } from './load-options.ts'
import { LEADER_EPOCHS_FILE } from './log-caches.ts'
import { type FolderFile, type LogFolder, makeLogFolder, readLogFolder } from './log-folder.ts'
import type { LogIdentity, LogState } from './log-state.ts'
import type { LoadTools } from './log-tools.ts'
import { loadProducersBefore } from './producer-replay.ts'
import { ProducerState } from './producer-state.ts'
import { recoverSegments } from './recovery.ts'
import { RECOVERY_MARK_FILE } from './recovery-mark.ts'
import { restoreSegments } from './restore-segments.ts'
import { scanSegment } from './scan-segment.ts'
import type { Segment } from './segment.ts'
import { segmentFileName } from './segment-files.ts'
import type { SegmentList } from './segment-list.ts'
import { segmentsOfFolder } from './segments-of-folder.ts'
import { startOver } from './start-over.ts'
import { uselessFiles } from './useless-files.ts'

/**
 * Opens the log of one partition, or makes a new one (with `missingFolder: 'leave'` in memory alone). After a crash this restores what the journal holds, checks everything from the
 * recovery point on, cuts a torn tail and syncs the result. Rejects with a `DiskError` when the log is damaged (`EBADMSG`, L5): then its
 * bytes are as they were, and the partition has to stay offline.
 */
export async function loadLog(
  identity: LogIdentity,
  options: LoadOptions,
  tools: LoadTools,
): Promise<LogState> {
  try {
    return await load(identity, options, tools)
  } catch (error) {
    if (!(error instanceof CorruptRecordsError)) throw error
    const { directory } = identity
    tools.world.log.error('A log holds a batch that cannot be read: its partition stays offline.', {
      directory,
      reason: error.message,
    })
    throw damagedLog(directory)
  }
}

async function load(
  identity: LogIdentity,
  options: LoadOptions,
  tools: LoadTools,
): Promise<LogState> {
  const folder = await readLogFolder(identity, tools)
  if (folder === undefined) {
    if (durableEndOf(options) > options.logStartOffset) throw damagedLog(identity.directory)
    if (options.missingFolder === 'leave' && options.logStartOffset === 0)
      return logWithoutFolder(identity, tools)
    await makeLogFolder(identity, tools)
  }
  const restored =
    options.recovered === undefined
      ? folder
      : await restoreSegments(identity, options.recovered, tools)
  const found = restored?.files.get('log') ?? []
  const end = await endsEmpty(identity, found, options, tools)
  const start = lostStart(found, options)
  const { kept, empty } = logFilesOf(found, {
    start: start === undefined ? [] : [start],
    end: end ? found.slice(-1) : [],
  })
  await removeEmpty(identity, empty, tools)
  const { logStartOffset } = options
  const segments = segmentsOfFolder(identity, restored, { kept, logStartOffset }, tools)
  try {
    return await loadSegments(identity, { segments, folder: restored, options }, tools)
  } finally {
    // They are opened again when somebody reads or writes: an idle log holds no file open.
    await segments.closeFiles()
  }
}

/** An empty log of which the disk knows nothing yet. It can be read, and appended to once its folder is there. */
function logWithoutFolder(identity: LogIdentity, tools: LoadTools): LogState {
  return {
    segments: segmentsOfFolder(identity, undefined, { kept: [], logStartOffset: 0 }, tools),
    leaderEpochs: new LeaderEpochs(),
    producers: new ProducerState(tools.producerQuota),
    logEndOffset: 0,
    logStartOffset: 0,
    lastStop: 'unclean',
    hasFolder: false,
  }
}

interface Found {
  readonly segments: SegmentList
  readonly folder: LogFolder | undefined
  readonly options: LoadOptions
}

async function loadSegments(
  identity: LogIdentity,
  { segments, folder, options }: Found,
  tools: LoadTools,
): Promise<LogState> {
  const leaderEpochs = await loadLeaderEpochs(identity, tools)
  const clean =
    options.lastStop === 'clean' && folder !== undefined
      ? await findEnd(segments.active)
      : undefined
  if (clean !== undefined && clean >= options.recoveryPoint) {
    return finish(identity, { segments, leaderEpochs, logEndOffset: clean, folder, options }, tools)
  }
  const { logEndOffset, producers, mark } = await recoverSegments(
    identity,
    { segments, leaderEpochs, folder, options },
    tools,
  )
  if (logEndOffset < options.logStartOffset) {
    producers.clear()
    await segments.closeFiles()
    const { logStartOffset } = options
    return startOver(identity, { logStartOffset, leaderEpochs }, tools)
  }
  // A mark that the recovery has left is a true one.
  const useless = uselessFiles(folder, { segments, logEndOffset })
  await removeUseless(
    identity,
    useless.filter(name => name !== RECOVERY_MARK_FILE),
    tools,
  )
  return {
    ...{ segments, leaderEpochs, producers, mark },
    logEndOffset,
    logStartOffset: Math.max(options.logStartOffset, segments.first.baseOffset),
    lastStop: 'unclean',
    hasFolder: true,
  }
}

interface Opened extends Found {
  readonly leaderEpochs: LeaderEpochs
  readonly logEndOffset: number
}

async function finish(identity: LogIdentity, opened: Opened, tools: LoadTools): Promise<LogState> {
  const { segments, leaderEpochs, logEndOffset, folder, options } = opened
  const producers = await loadProducersBefore(logEndOffset, { identity, segments, folder }, tools)
  await removeUseless(identity, uselessFiles(folder, { segments, logEndOffset }), tools)
  const logStartOffset = Math.min(
    Math.max(options.logStartOffset, segments.first.baseOffset),
    logEndOffset,
  )
  const hasSnapshot = folder?.files.get('snapshot')?.at(-1)?.offset === logEndOffset
  const lastStop = hasSnapshot ? 'clean' : 'unclean'
  return {
    segments,
    leaderEpochs,
    producers,
    logEndOffset,
    logStartOffset,
    lastStop,
    hasFolder: true,
  }
}

/**
 * A file without a batch is a segment only if there is no other, or if it says where the log ends (`start`, when what it held is lost, or `end`): a
 * roll that was taken back for want of space may have left it behind, and the segment before it may have grown past its name since.
 */
function logFilesOf(
  files: readonly FolderFile[],
  { start, end }: { readonly start: readonly FolderFile[]; readonly end: readonly FolderFile[] },
): { readonly kept: readonly FolderFile[]; readonly empty: readonly FolderFile[] } {
  const filled = files.filter(({ sizeBytes }) => sizeBytes > 0)
  const kept = [...start, ...filled, ...end]
  if (kept.length === 0) kept.push(...files.slice(-1))
  return { kept, empty: files.filter(file => !kept.includes(file)) }
}

async function removeEmpty(
  identity: LogIdentity,
  empty: readonly FolderFile[],
  tools: LoadTools,
): Promise<void> {
  for (const { offset } of empty)
    await tools.world.disk.remove(`${identity.directory}/${segmentFileName(offset, 'log')}`)
}

/** A file that stays costs space until the next start, no more. */
async function removeUseless(
  { directory }: LogIdentity,
  names: readonly string[],
  { world }: LoadTools,
): Promise<void> {
  try {
    for (const name of names) await world.disk.remove(`${directory}/${name}`)
  } catch (error) {
    if (!(error instanceof DiskError)) throw error
    const { path, code } = error
    world.log.warn('A file that is of no use any more could not be removed.', { path, code })
  }
}

async function loadLeaderEpochs(identity: LogIdentity, tools: LoadTools): Promise<LeaderEpochs> {
  const leaderEpochs = new LeaderEpochs()
  const content = await tools.world.disk.readFile(`${identity.directory}/${LEADER_EPOCHS_FILE}`)
  if (content !== undefined && !leaderEpochs.load(content)) {
    tools.world.log.warn('A leader epoch file was damaged and is built again.', {
      directory: identity.directory,
    })
  }
  return leaderEpochs
}

/**
 * The end offset of a log that was closed in order, from the last index entry on. Undefined when the files do not fit together, so that
 * the log has to be looked through after all.
 */
async function findEnd(active: Segment): Promise<number | undefined> {
  if (active.sizeBytes === 0) {
    active.resetIndexes()
    return active.baseOffset
  }
  const indexes = await active.loadIndexes()
  const transactions = await active.transactions.load()
  if (indexes === undefined || transactions === undefined) return undefined
  const file = await active.open()
  let endOffset: number | undefined
  const first = await firstTimestampOf(active)
  const end = await scanSegment(file, {
    from: indexes.offsets.lastPosition,
    to: active.sizeBytes,
    visit: batch => {
      endOffset = batch.lastOffset + 1
      return 'valid'
    },
  })
  if (end !== active.sizeBytes || first === undefined || endOffset === undefined) return undefined
  if (indexedEnd(indexes.times, transactions) > endOffset) return undefined
  active.setFirstTimestamp(first)
  return endOffset
}
