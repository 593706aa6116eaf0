import type { Disk } from '../world.ts'
import type { SnapshotContent } from './producer-snapshot.ts'
import { segmentFileName } from './segment-files.ts'

/** The producer state where a log ends or a segment begins. */
export interface ProducerSnapshot {
  readonly offset: number
  readonly content: SnapshotContent
}

const COUNT_POSITION = 6

/**
 * Writes a snapshot beside the segments, durably. Without its companion it is worth less, so that comes first; one without producers says
 * all that there is to say.
 */
export async function writeSnapshotFiles(
  disk: Disk,
  directory: string,
  { offset, content }: ProducerSnapshot,
): Promise<void> {
  const pathOf = (kind: 'sequences' | 'snapshot') => `${directory}/${segmentFileName(offset, kind)}`
  if (content.snapshot.readInt32BE(COUNT_POSITION) > 0)
    await disk.writeFileAtomically(pathOf('sequences'), content.sequences)
  await disk.writeFileAtomically(pathOf('snapshot'), content.snapshot)
}
