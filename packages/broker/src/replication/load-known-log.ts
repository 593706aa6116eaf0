/** Loading the log of a partition that the metadata knows, with what the checkpoints and the journal say of it. */
import { isInternalTopic } from '../config/internal-topics.ts'
import {
  clearDamageNote,
  hasDamageNote,
  noteDamage,
  noteUnfinished,
  withDamageNote,
} from '../log/damage-note.ts'
import type { RecoveredLog } from '../log/journal/entry.ts'
import { loadLog } from '../log/load-log.ts'
import { durableEndOf, FOREIGN, type LoadOptions } from '../log/load-options.ts'
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

/** The log, or why it cannot be loaded, which is told and written down. Rejects with a `DiskError` when what the journal holds cannot be kept. */
export async function loadKnownLog(
  identity: LogIdentity,
  given: LoadOptions,
  tools: LoadTools,
): Promise<LogState | DiskError> {
  const { disk, log } = tools.world
  const { directory } = identity
  const options = await withDamageNote(disk, directory, given)
  try {
    const state = await loadLog(identity, options, tools)
    await clearDamageNote(disk, directory)
    return state
  } catch (error) {
    if (!(error instanceof DiskError)) throw error
    log.error('A partition could not be loaded and stays offline.', {
      directory,
      path: error.path,
      code: error.code,
    })
    if (error.code === FOREIGN) return error
    if (given.recovered !== undefined) await keepRecovered(identity, given.recovered, tools)
    const { recoveryPoint } = options
    await noteDamage(disk, directory, { error, durableEnd: durableEndOf(options), recoveryPoint })
    return error
  }
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
