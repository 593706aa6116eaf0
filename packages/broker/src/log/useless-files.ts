/** Which files in the folder of an opened log nobody will ask for any more. */
import type { FolderFile, LogFolder } from './log-folder.ts'
import { RECOVERY_MARK_FILE } from './recovery-mark.ts'
import { segmentFileName } from './segment-files.ts'
import type { SegmentList } from './segment-list.ts'

/** A log as it was opened. */
export interface OpenedLog {
  readonly segments: SegmentList
  readonly logEndOffset: number
}

const INDEXES = ['index', 'timeindex', 'txnindex'] as const
const SNAPSHOTS = ['snapshot', 'sequences'] as const

/** Their names: what waits for its removal, what belonged to segments that are gone, snapshots that newer ones stand for, and a recovery mark, for all of the log was found. */
export function uselessFiles(
  folder: LogFolder | undefined,
  { segments, logEndOffset }: OpenedLog,
): readonly string[] {
  if (folder === undefined) return []
  const bases = segments.all.map(({ baseOffset }) => baseOffset)
  return [
    ...folder.others.filter(name => name.endsWith('.deleted') || name === RECOVERY_MARK_FILE),
    ...namesBelow(folder, segments.first.baseOffset),
    ...straySnapshots(folder, bases, logEndOffset),
  ]
}

/**
 * What an interrupted removal has left of segments before the first one. Where no producer snapshot lies at `firstOffset`, an older one is the only
 * word on what was before, and stays.
 */
function namesBelow({ files }: LogFolder, firstOffset: number): readonly string[] {
  const hasSnapshot = files.get('snapshot')?.some(({ offset }) => offset === firstOffset) ?? false
  const kinds = hasSnapshot ? [...INDEXES, ...SNAPSHOTS] : INDEXES
  return kinds.flatMap(kind =>
    (files.get(kind) ?? [])
      .filter(({ offset }) => offset < firstOffset)
      .map(({ offset }) => segmentFileName(offset, kind)),
  )
}

/** The producer snapshots that stops have left within segments, but for the newest one up to the end of the log. */
function straySnapshots(
  { files }: LogFolder,
  bases: readonly number[],
  endOffset: number,
): readonly string[] {
  const first = bases[0] ?? 0
  const segments = new Set(bases)
  const isStray = ({ offset }: FolderFile) => offset > first && !segments.has(offset)
  const strays = files.get('snapshot')?.filter(isStray) ?? []
  const newest = strays.findLast(({ offset }) => offset <= endOffset)
  if (newest === undefined) return []
  return SNAPSHOTS.flatMap(kind =>
    (files.get(kind) ?? [])
      .filter(file => isStray(file) && file.offset < newest.offset)
      .map(({ offset }) => segmentFileName(offset, kind)),
  )
}
