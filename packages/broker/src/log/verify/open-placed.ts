import type { Disk, DiskFile } from '../../world.ts'
import { segmentFileName } from '../segment-files.ts'
import { JournaledFile } from './journaled-file.ts'
import type { PlacedSegment } from './placed-segments.ts'

/** A segment for reading, with what the journal puts back into it. Rejects with a `DiskError`. */
export async function openPlaced(
  directory: string,
  { baseOffset, name, journaled }: PlacedSegment,
  disk: Disk,
): Promise<DiskFile> {
  const path = `${directory}/${name ?? segmentFileName(baseOffset, 'log')}`
  const file = name === undefined ? undefined : await disk.open(path, 'existing')
  return file !== undefined && journaled.length === 0
    ? file
    : new JournaledFile(path, file, journaled)
}
