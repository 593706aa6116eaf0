/** Whether a start after a crash may go on from the recovery mark of a log. Whatever speaks against it, the segment is scanned from its first byte. */
import type { Crc32c } from '@varve/protocol'
import type { Disk, DiskFile } from '../world.ts'
import type { LoadOptions } from './load-options.ts'
import { decodeRecoveryMark, RECOVERY_MARK_FILE, type RecoveryMark } from './recovery-mark.ts'
import { scanSegment } from './scan-segment.ts'

/** A log as its files have it, with what the journal put back. */
export interface MarkedLog {
  readonly directory: string
  /** The base offsets of its segments, the lowest first. */
  readonly bases: readonly number[]
  /** Where producer snapshots lie. */
  readonly snapshots: readonly number[]
  /** The last epoch that the leader epoch file knows of; -1 when there is none, or it cannot be read. */
  readonly latestEpoch: number
  readonly options: Pick<LoadOptions, 'recoveryPoint' | 'compactedTo'>
  /** Opens a segment for reading, until the caller closes all. */
  readonly open: (baseOffset: number) => Promise<DiskFile> | DiskFile
}

/** A mark, and what the batch before it says. */
export interface TrustedMark extends RecoveryMark {
  readonly leaderEpoch: number
}

/**
 * The mark of a log, when it is one of the segment in which the scan would begin (or of a later one: then all before is synced, too), when that segment
 * still ends there with the batch that it ended with, and was never compacted. What is said elsewhere of the log up to that segment was written before
 * the mark: when some of it is missing the scan has to make it again. Rejects with a `DiskError` when the files cannot be read.
 */
export async function trustedMark(
  log: MarkedLog,
  tools: { readonly disk: Disk; readonly crc32c: Crc32c },
): Promise<TrustedMark | undefined> {
  const content = await tools.disk.readFile(`${log.directory}/${RECOVERY_MARK_FILE}`)
  const mark = content && decodeRecoveryMark(content, tools.crc32c)
  if (mark === undefined || !belongs(mark, log)) return undefined
  const file = await log.open(mark.segment.baseOffset)
  const leaderEpoch = await epochOfLastBatch(mark, file, tools.crc32c)
  if (leaderEpoch === undefined || leaderEpoch > log.latestEpoch) return undefined
  return { ...mark, leaderEpoch }
}

function belongs({ offset, segment }: RecoveryMark, log: MarkedLog): boolean {
  const { baseOffset } = segment
  const { recoveryPoint, compactedTo } = log.options
  const scanFrom = Math.max(recoveryPoint, offset)
  if (log.bases.findLast(base => base <= scanFrom) !== baseOffset) return false
  if (baseOffset < compactedTo) return false
  return baseOffset === log.bases[0] || log.snapshots.includes(baseOffset)
}

/** The epoch of the batch that ends where the mark is; undefined when the segment has no such batch there. */
async function epochOfLastBatch(
  { offset, segment }: RecoveryMark,
  file: DiskFile,
  crc32c: Crc32c,
): Promise<number | undefined> {
  const { sizeBytes } = segment
  if (file.sizeBytes < sizeBytes) return undefined
  let endOffset = -1
  let leaderEpoch = -1
  const end = await scanSegment(file, {
    from: segment.offsets.lastPosition,
    to: sizeBytes,
    reads: 'background',
    visit: batch => {
      if (!batch.crcIsValid(crc32c)) return 'invalid'
      endOffset = batch.lastOffset + 1
      leaderEpoch = batch.partitionLeaderEpoch
      return 'valid'
    },
  })
  return end === sizeBytes && endOffset === offset ? leaderEpoch : undefined
}
