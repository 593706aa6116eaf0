import type { FolderFile } from './log-folder.ts'
import type { LogIdentity } from './log-state.ts'
import type { LoadTools } from './log-tools.ts'
import { scanSegment } from './scan-segment.ts'
import { segmentFileName } from './segment-files.ts'

/**
 * Whether the last segment of a log, which is empty, says where the log ends: at its recovery point, while the records that led up to there
 * were taken out by compaction. Kafka leaves such logs behind; without that segment offsets would be given again.
 */
export async function endsEmpty(
  identity: LogIdentity,
  files: readonly FolderFile[],
  recoveryPoint: number,
  { world }: LoadTools,
): Promise<boolean> {
  const last = files.at(-1)
  const filled = files.findLast(({ sizeBytes }) => sizeBytes > 0)
  if (last === undefined || last.sizeBytes > 0 || last.offset !== recoveryPoint) return false
  if (filled === undefined) return false
  const path = `${identity.directory}/${segmentFileName(filled.offset, 'log')}`
  const file = await world.disk.open(path, 'existing')
  let endOffset = filled.offset
  try {
    await scanSegment(file, {
      from: 0,
      to: filled.sizeBytes,
      visit: batch => {
        endOffset = batch.lastOffset + 1
        return 'valid'
      },
    })
  } finally {
    await file.close()
  }
  return endOffset < last.offset
}
