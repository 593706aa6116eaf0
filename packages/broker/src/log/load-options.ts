import { DiskError } from '../world.ts'
import type { RecoveredLog } from './journal/entry.ts'

/** What is known about a log before it is opened. */
export interface LoadOptions {
  /** `clean`: the log was closed in order; its files are trusted, and nothing is looked through. */
  readonly lastStop: 'clean' | 'unclean'
  /** What the journal knows of it after a crash. */
  readonly recovered: RecoveredLog | undefined
  /** From the checkpoint; everything below is in synced segments. 0 when unknown. */
  readonly recoveryPoint: number
  /** From the checkpoint; 0 when unknown. */
  readonly logStartOffset: number
  /** Below this offset compaction may have left gaps, and everything is in synced segments. 0 when unknown, for a log that was never compacted. */
  readonly compactedTo: number
  /** A note of damage lies beside the log, or the checkpoints are damaged: it is looked through from the recovery point on, whatever its recovery mark says. */
  readonly isSuspect?: boolean
  /** What to do where there is no folder: `make` one at once, or `leave` that to the first append (`makeLogFolder`). */
  readonly missingFolder: 'make' | 'leave'
}

/**
 * The offset below which every record was certainly durable. Beside what the journal carries these are the bytes of its last groups: they
 * may have been acknowledged, and are at hand, up to a batch whose own sync nobody has confirmed.
 */
export function durableEndOf(options: LoadOptions): number {
  const { recovered } = options
  let end = Math.max(options.recoveryPoint, recovered?.durableOffset ?? 0)
  for (const entry of recovered?.entries ?? []) {
    if (entry.endOffset <= end) continue
    if (entry.type === 'extent') break
    end = entry.endOffset
  }
  return end
}

/** A log whose bytes are not what was made durable (L5). */
export function damagedLog(directory: string): DiskError {
  return new DiskError('recover', directory, DAMAGED)
}

/** The code of the `DiskError` for a damaged log. */
export const DAMAGED = 'EBADMSG'

/** The code of the `DiskError` for a folder that belongs to another topic. */
export const FOREIGN = 'ESTALE'
