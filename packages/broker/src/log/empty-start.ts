import type { LoadOptions } from './load-options.ts'
import type { FolderFile } from './log-folder.ts'

/**
 * The segment at which a log ends because a crash took all that was in its first ones, or was to take it in a recovery that was interrupted: they
 * are empty. The log is what came before (L4); to begin it behind the hole would be to know producers by batches that are lost (T2). Undefined when
 * nothing is lost: what lies below the recovery point was taken out by compaction, and what lies below the log's start was deleted.
 */
export function lostStart(
  files: readonly FolderFile[],
  options: LoadOptions,
): FolderFile | undefined {
  const filled = files.findIndex(({ sizeBytes }) => sizeBytes > 0)
  const empty = filled === -1 ? files : files.slice(0, filled)
  if (empty.length === 0 || options.lastStop === 'clean') return undefined
  const known = Math.max(options.recoveryPoint, options.compactedTo, options.logStartOffset)
  const next = files[filled]
  if (next !== undefined && next.offset <= known) return undefined
  return empty.findLast(({ offset }) => offset <= known) ?? empty[0]
}
