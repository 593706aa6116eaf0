import type { Disk } from '../world.ts'
import { damagedLog, type LoadOptions } from './load-options.ts'
import type { FolderFile } from './log-folder.ts'
import type { LogIdentity } from './log-state.ts'
import type { LoadTools } from './log-tools.ts'
import { scanSegment } from './scan-segment.ts'
import { segmentFileName } from './segment-files.ts'

/**
 * Whether the last segment of a log, which is empty, says where the log ends: at its recovery point, while the records that led up to there
 * were taken out by compaction. Kafka leaves such logs behind; without that segment offsets would be given again. In a log that was
 * never compacted the records are lost, and were durable: then this rejects with a `DiskError` of code `EBADMSG` (L5), before any file is touched.
 */
export async function endsEmpty(
  identity: LogIdentity,
  files: readonly FolderFile[],
  options: Pick<LoadOptions, 'recoveryPoint' | 'compactedTo' | 'logStartOffset'>,
  { world }: LoadTools,
): Promise<boolean> {
  const last = files.at(-1)
  const filled = files.findLast(({ sizeBytes }) => sizeBytes > 0)
  if (last === undefined || last.sizeBytes > 0 || last.offset !== options.recoveryPoint)
    return false
  if (filled === undefined) return false
  const found = await endOf(identity, filled, world.disk)
  if (found >= last.offset) return false
  if (options.compactedTo > 0 || options.logStartOffset >= last.offset) return true
  const { directory } = identity
  world.log.error(
    'A log ends in an empty segment, and what came before it is gone, though cleaner-offset-checkpoint knows of no compaction: its partition stays offline, its files are left as they are.',
    { directory, expected: last.offset, found },
  )
  throw damagedLog(directory)
}

async function endOf(
  { directory }: LogIdentity,
  { offset, sizeBytes }: FolderFile,
  disk: Disk,
): Promise<number> {
  const file = await disk.open(`${directory}/${segmentFileName(offset, 'log')}`, 'existing')
  let endOffset = offset
  try {
    await scanSegment(file, {
      from: 0,
      to: sizeBytes,
      visit: batch => {
        endOffset = batch.lastOffset + 1
        return 'valid'
      },
    })
  } finally {
    await file.close()
  }
  return endOffset
}
