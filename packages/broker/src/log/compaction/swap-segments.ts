/**
 * Puts a cleaned segment in the place of those that it was made of (C6). 1, 2 and 4 are durable before what follows them:
 *
 * 1. `N.index.cleaned` and `N.timeindex.cleaned` become `.swap`;
 * 2. `N.log.cleaned` becomes `N.log.swap`: from here on the new segment counts, before that the old ones do;
 * 3. the files of the old segments become `.deleted`; snapshots stay where a segment still begins;
 * 4. the indexes get their names;
 * 5. `N.log.swap` becomes `N.log`.
 *
 * A start removes `.cleaned` files and goes on from 3 where it finds a `N.log.swap` (`finishSwaps`).
 */
import { type Disk, DiskError } from '../../world.ts'
import type { Segment } from '../segment.ts'
import type { SegmentFileKind } from '../segment-files.ts'
import { CLEANED, SWAP } from './compaction-files.ts'

const INDEXES: readonly SegmentFileKind[] = ['index', 'timeindex']
const ALL_INDEXES: readonly SegmentFileKind[] = [...INDEXES, 'txnindex']
const SNAPSHOTS: readonly SegmentFileKind[] = ['snapshot', 'sequences']

/** Step 1. When it fails, nothing has happened: `dropCleaned`. */
export async function prepareSwap(disk: Disk, directory: string, cleaned: Segment): Promise<void> {
  for (const kind of INDEXES) {
    const path = cleaned.pathOf(kind)
    await disk.rename(`${path}${CLEANED}`, `${path}${SWAP}`)
  }
  await disk.syncDirectory(directory)
}

/** Step 2. When it fails, nobody knows which segments a start would take. */
export async function decideSwap(disk: Disk, directory: string, cleaned: Segment): Promise<void> {
  await disk.rename(`${cleaned.path}${CLEANED}`, `${cleaned.path}${SWAP}`)
  await disk.syncDirectory(directory)
}

/** Steps 3 to 5. Returns what can be unlinked when nobody reads it any more. */
export async function carryOutSwap(
  disk: Disk,
  directory: string,
  swap: { readonly old: readonly Segment[]; readonly cleaned: Segment },
): Promise<readonly string[]> {
  const { old, cleaned } = swap
  const doomed: string[] = []
  for (const segment of old) {
    const kinds = segment.baseOffset === cleaned.baseOffset ? [] : SNAPSHOTS
    for (const kind of ['log', ...ALL_INDEXES, ...kinds] as const) {
      const path = segment.pathOf(kind)
      if (await renameIfThere(disk, path, `${path}.deleted`)) doomed.push(`${path}.deleted`)
    }
  }
  for (const kind of INDEXES)
    await disk.rename(`${cleaned.pathOf(kind)}${SWAP}`, cleaned.pathOf(kind))
  await disk.syncDirectory(directory)
  await disk.rename(`${cleaned.path}${SWAP}`, cleaned.path)
  await disk.syncDirectory(directory)
  return doomed
}

/** Removes what an unfinished cleaning has written. What stays is removed by the next start. */
export async function dropCleaned(disk: Disk, cleaned: Segment): Promise<void> {
  for (const kind of ['log', ...INDEXES] as const) {
    for (const suffix of kind === 'log' ? [CLEANED] : [CLEANED, SWAP])
      await disk.remove(`${cleaned.pathOf(kind)}${suffix}`).catch(passOver)
  }
}

function passOver(error: unknown): void {
  if (!(error instanceof DiskError)) throw error
}

async function renameIfThere(disk: Disk, from: string, to: string): Promise<boolean> {
  try {
    await disk.rename(from, to)
    return true
  } catch (error) {
    if (error instanceof DiskError && error.code === 'ENOENT') return false
    throw error
  }
}
