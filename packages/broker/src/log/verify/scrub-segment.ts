/** Reads a segment of a log in use and looks for the first batch that is not what it was. */
import { type BatchProblem, type Crc32c, checkFraming } from '@varve/protocol'
import type { Disk, DiskFile } from '../../world.ts'
import { scanSegment } from '../scan-segment.ts'
import { flawOf } from './batch-rules.ts'

export interface ScrubbedSegment {
  readonly path: string
  readonly baseOffset: number
  readonly sizeBytes: number
  /** Where the next segment begins; for the one that is written to, where the log ends. */
  readonly endOffset: number
  /** Batches from here on are not looked at: they need not be durable yet. */
  readonly durableTo: number
}

export interface ScrubTools {
  readonly disk: Disk
  readonly crc32c: Crc32c
  /** Called for the bytes of each piece that was looked at; the next is read when it has resolved. */
  readonly spend: (bytes: number) => Promise<void>
}

/** A batch that is not what it was. */
export interface DamagedBatch {
  readonly position: number
  /** Where the batch before ends. */
  readonly offset: number
  readonly about: string
}

/** Undefined when all batches are right. Rejects with a `DiskError`, and with whatever `spend` throws. */
export async function scrubSegment(
  segment: ScrubbedSegment,
  tools: ScrubTools,
): Promise<DamagedBatch | undefined> {
  const file = await tools.disk.open(segment.path, 'existing')
  try {
    return await scrub(file, segment, tools)
  } finally {
    await file.close()
  }
}

async function scrub(
  file: DiskFile,
  segment: ScrubbedSegment,
  { crc32c, spend }: ScrubTools,
): Promise<DamagedBatch | undefined> {
  const { baseOffset, sizeBytes, endOffset, durableTo } = segment
  let nextOffset = baseOffset
  let leaderEpoch = -1
  let about: string | undefined
  let isDone = false
  const position = await scanSegment(file, {
    from: 0,
    to: sizeBytes,
    reads: 'background',
    visit: batch => {
      isDone = nextOffset >= durableTo
      if (isDone) return 'invalid'
      about = flawOf(
        batch,
        {
          // What compaction has left out cannot be told from here, but nothing moves.
          ...{ segmentBaseOffset: baseOffset, nextOffset, gapsTo: endOffset, endOffset },
          leaderEpoch,
        },
        crc32c,
      )?.about
      if (about !== undefined) return 'invalid'
      nextOffset = batch.lastOffset + 1
      leaderEpoch = batch.partitionLeaderEpoch
      return 'valid'
    },
    passed: bytes => spend(bytes.length),
  })
  if (about === undefined && (isDone || position === sizeBytes || nextOffset >= durableTo))
    return undefined
  return { position, offset: nextOffset, about: about ?? (await framingFlaw(file, position)) }
}

const framingFlaws: ReadonlyMap<BatchProblem | undefined, string> = new Map([
  ['legacy magic', 'it is in message format 0 or 1'],
  ['unknown magic', 'its format is not known'],
  ['length beyond bytes', 'its length goes beyond the file'],
])

/** Why no batch can be told at a position. */
export async function framingFlaw(file: DiskFile, position: number): Promise<string> {
  const header = Buffer.alloc(64)
  const readBytes = await file.read(position, header)
  if (readBytes === 0) return 'the file ends here'
  const problem = checkFraming(header.subarray(0, readBytes), 0)
  return framingFlaws.get(problem) ?? 'no record batch begins here'
}
