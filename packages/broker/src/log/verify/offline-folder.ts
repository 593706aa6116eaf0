/** The files of a log's folder as the next start will take them, without changing anything (see `log-folder.ts`). */
import { type Disk, DiskError } from '../../world.ts'
import { CLEANED, parseSwapFileName } from '../compaction/compaction-files.ts'
import { endOfCleaned } from '../compaction/finish-swaps.ts'
import { parseSegmentFileName, type SegmentFileKind, segmentFileName } from '../segment-files.ts'

export interface NamedSegment {
  readonly baseOffset: number
  readonly name: string
}

export interface OfflineFolder {
  /** The segments with something in them, the lowest offset first: where each lies, by name. */
  readonly segments: readonly NamedSegment[]
  /** Those with nothing in them. What they mean follows from the others: see `segmentsOf`. */
  readonly empty: readonly NamedSegment[]
  /** Base offsets by kind, the lowest first. */
  readonly files: ReadonlyMap<SegmentFileKind, readonly number[]>
  /** Files that are no part of the log. */
  readonly leftovers: readonly string[]
  /** Cleaned segments that cannot be read, though they were synced before they got their names. */
  readonly damaged: readonly string[]
}

const LEFTOVER = /\.(deleted|tmp|torn)$/

/** Undefined when there is no such folder. */
export async function offlineFolder(
  disk: Disk,
  directory: string,
): Promise<OfflineFolder | undefined> {
  const entries = await disk.list(directory)
  if (entries === undefined) return undefined
  const swaps = await decidedSwaps(
    disk,
    directory,
    entries.map(({ name }) => name),
  )
  const isReplaced = (offset: number): boolean =>
    swaps.some(
      ({ baseOffset, endOffset = baseOffset }) => offset >= baseOffset && offset < endOffset,
    )
  const files = new Map<SegmentFileKind, number[]>()
  const segments: NamedSegment[] = []
  const empty: NamedSegment[] = []
  for (const { name, sizeBytes } of entries) {
    const parsed = parseSegmentFileName(name)
    if (parsed === undefined) continue
    const { offset, kind } = parsed
    const isSnapshot = kind === 'snapshot' || kind === 'sequences'
    if (isReplaced(offset) && !(isSnapshot && swaps.some(swap => swap.baseOffset === offset)))
      continue
    files.set(kind, [...(files.get(kind) ?? []), offset])
    if (kind === 'log') (sizeBytes > 0 ? segments : empty).push({ baseOffset: offset, name })
  }
  for (const { baseOffset, name, endOffset } of swaps)
    if (endOffset !== undefined) segments.push({ baseOffset, name })
  for (const offsets of files.values()) offsets.sort((one, other) => one - other)
  for (const named of [segments, empty])
    named.sort((one, other) => one.baseOffset - other.baseOffset)
  return {
    ...{ segments, empty },
    files,
    leftovers: entries
      .map(({ name }) => name)
      .filter(name => LEFTOVER.test(name) || name.endsWith(CLEANED) || parseSwapFileName(name)),
    damaged: swaps.flatMap(({ name, endOffset }) => (endOffset === undefined ? [name] : [])),
  }
}

interface Swap {
  readonly baseOffset: number
  readonly name: string
  /** Undefined for one that cannot be read. */
  readonly endOffset: number | undefined
}

/** The next start completes them: the cleaned segment stands for all that it covers. */
async function decidedSwaps(
  disk: Disk,
  directory: string,
  names: readonly string[],
): Promise<readonly Swap[]> {
  const swaps: Swap[] = []
  for (const name of names) {
    const parsed = parseSwapFileName(name)
    if (parsed?.kind !== 'log') continue
    const endOffset = await endOfCleaned(disk, directory, `${directory}/${name}`).catch(undamaged)
    swaps.push({ baseOffset: parsed.offset, name, endOffset })
  }
  return swaps
}

function undamaged(error: unknown): undefined {
  if (error instanceof DiskError) return undefined
  throw error
}

/** The path of a file of the folder. */
export function pathOf(directory: string, offset: number, kind: SegmentFileKind): string {
  return `${directory}/${segmentFileName(offset, kind)}`
}
