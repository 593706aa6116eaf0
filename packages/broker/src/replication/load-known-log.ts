/** Loading the log of a partition that the metadata knows, with what the checkpoints and the journal say of it. */
import { isInternalTopic } from '../config/internal-topics.ts'
import {
  hasDamageNote,
  liesNoteIn,
  noteDamage,
  noteUnfinished,
  withDamageNote,
} from '../log/damage-note.ts'
import type { RecoveredLog } from '../log/journal/entry.ts'
import { loadLog } from '../log/load-log.ts'
import { DAMAGED, durableEndOf, FOREIGN, type LoadOptions } from '../log/load-options.ts'
import type { LogSettings } from '../log/log-settings.ts'
import type { LogIdentity, LogState } from '../log/log-state.ts'
import type { LoadTools } from '../log/log-tools.ts'
import { readPartitionMetadata } from '../log/partition-metadata.ts'
import { keepRecovered, unsyncedPart } from '../log/restore-segments.ts'
import { type Disk, DiskError } from '../world.ts'
import type { Checkpoints } from './checkpoints.ts'

/** What is known of all logs of a data folder before they are opened. */
export interface KnownLogs {
  readonly checkpoints: Checkpoints
  readonly lastStop: 'clean' | 'unclean'
  /** What the journal recovered; undefined without a journal, or when there was none. */
  readonly recovered:
    | { get(owner: { topicId: string; partition: number }): RecoveredLog | undefined }
    | undefined
}

/** What is known of one log. */
export function loadOptionsOf(
  { identity, settings }: { readonly identity: LogIdentity; readonly settings: LogSettings },
  { checkpoints, lastStop, recovered: journal }: KnownLogs,
): LoadOptions {
  const { recoveryPoint, logStartOffset, cleanedTo } = checkpoints.of(identity)
  const isCompacted = settings.cleanupPolicy.includes('compact')
  const recovered = journal?.get(identity)
  return {
    ...{ recoveryPoint, logStartOffset },
    // Without the recovery point nobody knows which gaps are those of compaction.
    compactedTo: checkpoints.areDamaged && isCompacted ? Number.MAX_SAFE_INTEGER : cleanedTo,
    lastStop: checkpoints.areDamaged ? 'unclean' : lastStop,
    isSuspect: !checkpoints.areAllRight,
    recovered: recovered && unsyncedPart(recovered, Math.max(recoveryPoint, cleanedTo)),
    missingFolder: missingFolderOf(identity),
  }
}

/** Internal topics have many partitions of which most are never used: their folders are made by the first append. */
export function missingFolderOf({
  topic,
}: Pick<LogIdentity, 'topic'>): LoadOptions['missingFolder'] {
  return isInternalTopic(topic) ? 'leave' : 'make'
}

/**
 * The log, or why it cannot be loaded: that is told unless it passes, and what would be forgotten meanwhile is written down. Rejects with a
 * `DiskError` when what the journal holds cannot be kept.
 */
export async function loadKnownLog(
  identity: LogIdentity,
  given: LoadOptions,
  tools: LoadTools,
): Promise<LogState | DiskError> {
  try {
    return await loadNoted(identity, given, tools)
  } catch (error) {
    if (!(error instanceof DiskError)) throw error
    const { directory } = identity
    const { path, code } = error
    if (!error.isPassing) tools.world.log.error(STAYS_OFFLINE, { directory, path, code })
    if (code !== FOREIGN) await noteFailure(identity, { given, error }, tools)
    return error
  }
}

const STAYS_OFFLINE = 'A partition could not be loaded and stays offline.'

/** What an earlier start has noted is an old story when the log is whole. */
async function loadNoted(
  identity: LogIdentity,
  given: LoadOptions,
  tools: LoadTools,
): Promise<LogState> {
  const { disk } = tools.world
  const { directory } = identity
  const state = await loadLog(identity, await withDamageNote(disk, directory, given), tools)
  try {
    return { ...state, hasOldNote: await liesNoteIn(disk, directory) }
  } catch (error) {
    // Nobody gets this state, and its producers count no more.
    state.producers.clear()
    throw error
  }
}

/** The journal is dropped when the broker starts, and a clean stop says nothing of what a log has lost. */
async function noteFailure(
  identity: LogIdentity,
  { given, error }: { readonly given: LoadOptions; readonly error: DiskError },
  tools: LoadTools,
): Promise<void> {
  const { disk } = tools.world
  const { directory } = identity
  if (given.recovered === undefined && error.code !== DAMAGED) return
  if (given.recovered !== undefined) await keepRecovered(identity, given.recovered, tools)
  // A note that is there already must not come to say less.
  const options = await withDamageNote(disk, directory, given)
  const { recoveryPoint } = options
  await noteDamage(disk, directory, { error, durableEnd: durableEndOf(options), recoveryPoint })
}

/**
 * At a clean stop, of a log that could not be loaded and was not closed in order before: writes down that it is still to be looked through, unless
 * that is written already. Rejects with a `DiskError` when it cannot be; then the stop is not clean.
 */
export async function noteUnloaded(
  identity: LogIdentity,
  { checkpoints, lastStop }: KnownLogs,
  disk: Disk,
): Promise<void> {
  if (lastStop === 'clean' && !checkpoints.areDamaged) return
  const { directory, topicId } = identity
  // The folder of another topic is left alone, and one that was never finished holds nothing.
  if ((await readPartitionMetadata(disk, directory)) !== topicId) return
  if (await hasDamageNote(disk, directory)) return
  const { recoveryPoint } = checkpoints.of(identity)
  await noteUnfinished(disk, directory, { durableEnd: recoveryPoint, recoveryPoint })
}
