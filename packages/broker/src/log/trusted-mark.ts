/** Whether a start after a crash may go on from the recovery mark of a log. Whatever speaks against it, the segment is scanned from its first byte. */
import type { Crc32c } from '@varve/protocol'
import { type Disk, DiskError, type DiskFile } from '../world.ts'
import type { LoadOptions } from './load-options.ts'
import { decodeRecoveryMark, RECOVERY_MARK_FILE, type RecoveryMark } from './recovery-mark.ts'
import { scanSegment } from './scan-segment.ts'
import { flawOf } from './verify/batch-rules.ts'

/** A log as its files have it, with what the journal put back. */
export interface MarkedLog {
  readonly directory: string
  /** The base offsets of its segments, the lowest first. */
  readonly bases: readonly number[]
  /** Where producer snapshots lie. */
  readonly snapshots: readonly number[]
  /** The last epoch that the leader epoch file knows of; -1 when there is none, or it cannot be read. */
  readonly latestEpoch: number
  readonly options: Pick<LoadOptions, 'recoveryPoint' | 'compactedTo' | 'isSuspect'>
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
 * the mark: when some of it is missing the scan has to make it again. Rejects with a `DiskError` when the segment cannot be read.
 */
export async function trustedMark(
  log: MarkedLog,
  tools: { readonly disk: Disk; readonly crc32c: Crc32c },
): Promise<TrustedMark | undefined> {
  if (log.options.isSuspect === true) return undefined
  const content = await markFile(log.directory, tools.disk)
  const mark = content && decodeRecoveryMark(content, tools.crc32c)
  if (mark === undefined || !belongs(mark, log)) return undefined
  const file = await log.open(mark.segment.baseOffset)
  const leaderEpoch = await epochOfLastBatch(mark, file, tools.crc32c)
  if (leaderEpoch === undefined || leaderEpoch > log.latestEpoch) return undefined
  return { ...mark, leaderEpoch }
}

/** A file that cannot be read is as good as none; one that cannot be opened just now will be asked again. */
async function markFile(directory: string, disk: Disk): Promise<Buffer | undefined> {
  try {
    return await disk.readFile(`${directory}/${RECOVERY_MARK_FILE}`)
  } catch (error) {
    if (!(error instanceof DiskError) || error.isShortOfFiles) throw error
    return undefined
  }
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
  let endOffset = segment.baseOffset
  let leaderEpoch = -1
  // Of what lies before the first of these batches nothing is known here, so it may leave a gap.
  let gapsTo = Number.MAX_SAFE_INTEGER
  const end = await scanSegment(file, {
    from: segment.offsets.lastPosition,
    to: sizeBytes,
    reads: 'background',
    visit: batch => {
      const bounds = { segmentBaseOffset: segment.baseOffset, nextOffset: endOffset, gapsTo }
      const flaw = flawOf(batch, { ...bounds, endOffset: offset, leaderEpoch }, crc32c)
      if (flaw !== undefined) return 'invalid'
      gapsTo = 0
      endOffset = batch.lastOffset + 1
      leaderEpoch = batch.partitionLeaderEpoch
      return 'valid'
    },
  })
  return end === sizeBytes && endOffset === offset ? leaderEpoch : undefined
}
