/** Loading logs while the broker serves: of new partitions, and of those that the start has left closed or could not load. */
import type { LoadOptions } from '../log/load-options.ts'
import type { LogIdentity, LogState } from '../log/log-state.ts'
import type { LoadTools } from '../log/log-tools.ts'
import { openWholeLog } from '../log/open-whole-log.ts'
import { partitionFolderName } from '../log/segment-files.ts'
import { DiskError } from '../world.ts'
import type { Assignment } from './assignment.ts'
import type { CheckpointedLog } from './checkpoints.ts'
import type { Housekeeping } from './housekeeping.ts'
import { type KnownLogs, loadKnownLog, loadOptionsOf, missingFolderOf } from './load-known-log.ts'
import { type FoldersOptions, finishDeletions } from './partition-folders.ts'

export interface LateLoadsOptions {
  readonly folders: FoldersOptions
  readonly tools: LoadTools
  readonly known: KnownLogs
  /** The logs that the checkpoints speak of from now on. */
  readonly checkpointed: () => Iterable<CheckpointedLog>
  readonly housekeeping: Pick<Housekeeping, 'removeLater'>
}

/** Other than at a start, a disk that fails takes the partition of the log offline, and no other. */
export class LateLoads {
  readonly #options: LateLoadsOptions

  constructor(options: LateLoadsOptions) {
    this.#options = options
  }

  /** Opens the log in this very call; undefined when something has to be done for it first. */
  openNow(assignment: Assignment): LogState | undefined {
    const { known, tools } = this.#options
    return openWholeLog(assignment.identity, loadOptionsOf(assignment, known), tools)
  }

  /** The log of a partition that is new. Nothing should be there; if something is, it is looked at as after a crash. */
  async makeNew({ identity }: Assignment): Promise<LogState | DiskError> {
    const options: LoadOptions = {
      lastStop: 'unclean',
      recovered: undefined,
      recoveryPoint: 0,
      logStartOffset: 0,
      compactedTo: 0,
      missingFolder: missingFolderOf(identity),
    }
    try {
      await this.#forget(identity)
    } catch (error) {
      if (error instanceof DiskError) return error
      throw error
    }
    return loadKnownLog(identity, options, this.#options.tools)
  }

  /** A log for which something has to be done before it can be used. */
  async recover(assignment: Assignment): Promise<LogState | DiskError> {
    const { folders, tools, known, housekeeping } = this.#options
    const { identity } = assignment
    try {
      const folder = partitionFolderName(identity.topic, identity.partition)
      const doomed = await finishDeletions(folders, [folder], () => this.#forget(identity))
      for (const path of doomed) housekeeping.removeLater(path, 0)
      const state = await loadKnownLog(identity, loadOptionsOf(assignment, known), tools)
      if (!(state instanceof DiskError) && state.hasOldNote === true)
        known.checkpoints.notes.foundWhole(identity, state.logEndOffset)
      return state
    } catch (error) {
      if (!(error instanceof DiskError)) throw error
      const { path, code } = error
      if (!error.isPassing) {
        tools.world.log.error('A partition could not be opened and stays offline.', {
          ...{ directory: identity.directory, path, code },
        })
      }
      return error
    }
  }

  #forget(identity: LogIdentity): Promise<void> {
    const { known, checkpointed } = this.#options
    return known.checkpoints.forget([identity], checkpointed)
  }
}
