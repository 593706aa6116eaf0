/** What a start does about a swap of segments that a crash interrupted (see `swap-segments.ts`). Doing it again changes nothing more. */
import type { DirectoryEntry, Disk } from '../../world.ts'
import { damagedLog } from '../load-options.ts'
import { scanSegment } from '../scan-segment.ts'
import { parseSegmentFileName, type SegmentFileKind, segmentFileName } from '../segment-files.ts'
import { CLEANED, parseSwapFileName, SWAP } from './compaction-files.ts'

const INDEXES: readonly SegmentFileKind[] = ['index', 'timeindex']

/**
 * Completes every swap that was decided, and takes back the others. Rejects with a `DiskError` (`EBADMSG`) when a cleaned segment, which was
 * synced before it got its name, is damaged: then everything is left as it is.
 */
export async function finishSwaps(
  disk: Disk,
  directory: string,
  entries: readonly DirectoryEntry[],
): Promise<'nothing to do' | 'done'> {
  const swapped = entries.flatMap(({ name }) => parseSwapFileName(name) ?? [])
  const hasCleaned = entries.some(({ name }) => name.endsWith(CLEANED))
  if (swapped.length === 0 && !hasCleaned) return 'nothing to do'
  // The names are there; they must be so for good before other names go.
  await disk.syncDirectory(directory)
  for (const { offset, kind } of swapped)
    if (kind === 'log') await finishSwap(disk, directory, offset, entries)
  for (const { offset, kind } of swapped) {
    const path = `${directory}/${segmentFileName(offset, kind)}${SWAP}`
    if (kind !== 'log' && (await disk.readFile(path)) !== undefined) await disk.remove(path)
  }
  for (const { name } of entries)
    if (name.endsWith(CLEANED)) await disk.remove(`${directory}/${name}`)
  await disk.syncDirectory(directory)
  return 'done'
}

async function finishSwap(
  disk: Disk,
  directory: string,
  baseOffset: number,
  entries: readonly DirectoryEntry[],
): Promise<void> {
  const names = new Set(entries.map(({ name }) => name))
  const log = `${directory}/${segmentFileName(baseOffset, 'log')}`
  const endOffset = await endOfCleaned(disk, directory, `${log}${SWAP}`)
  for (const name of names) {
    const file = parseSegmentFileName(name)
    if (file === undefined || file.offset < baseOffset || file.offset >= endOffset) continue
    const isSnapshot = file.kind === 'snapshot' || file.kind === 'sequences'
    if (!isSnapshot || file.offset !== baseOffset) await disk.remove(`${directory}/${name}`)
  }
  await disk.syncDirectory(directory)
  // An index that had its name already was just removed with the old ones: it is built again when it is needed.
  for (const kind of INDEXES) {
    const name = segmentFileName(baseOffset, kind)
    if (names.has(`${name}${SWAP}`))
      await disk.rename(`${directory}/${name}${SWAP}`, `${directory}/${name}`)
  }
  await disk.syncDirectory(directory)
  await disk.rename(`${log}${SWAP}`, log)
}

/** Where a cleaned segment ends: it keeps the last batch of what it was made of. Rejects with a `DiskError` (`EBADMSG`) for a damaged one. */
export async function endOfCleaned(disk: Disk, directory: string, path: string): Promise<number> {
  const file = await disk.open(path, 'existing')
  try {
    let endOffset = 0
    const position = await scanSegment(file, {
      from: 0,
      to: file.sizeBytes,
      visit: batch => {
        endOffset = batch.lastOffset + 1
        return 'valid'
      },
    })
    if (position < file.sizeBytes || endOffset === 0) throw damagedLog(directory)
    return endOffset
  } finally {
    await file.close()
  }
}
