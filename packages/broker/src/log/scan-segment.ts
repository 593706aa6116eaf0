/** Walks over the batches of a segment file from its start, through a window that is read piece by piece. */
import { BATCH_HEADER_BYTES, checkFraming, RecordBatch } from '@varve/protocol'
import type { DiskFile } from '../world.ts'

const WINDOW_BYTES = 1024 * 1024
/** Read at once: handing it to another thread would take longer. */
const SMALL_READ_BYTES = 64 * 1024

/** What is done with one batch: to go on, or to stop before it, because it cannot belong here. */
export type BatchVisit = (batch: RecordBatch, position: number) => 'valid' | 'invalid'

export interface ScanOptions {
  /** Where to begin: the position of a batch. */
  readonly from: number
  /** Where to end; the file may be longer. */
  readonly to: number
  /** Called per whole batch, in order, which is valid during the call only. */
  readonly visit: BatchVisit
  /** `background`: even a small piece is waited for, and never holds the event loop. */
  readonly reads?: 'background'
  /** Called with the bytes of valid batches, which lie at `position`, before the next ones are read. */
  readonly passed?: (bytes: Buffer, position: number) => Promise<void>
}

/** Returns the position after the last batch that is whole and that `visit` let pass; `to` when all are. */
export async function scanSegment(file: DiskFile, options: ScanOptions): Promise<number> {
  let window = Buffer.allocUnsafeSlow(
    Math.min(WINDOW_BYTES, Math.max(BATCH_HEADER_BYTES, options.to - options.from)),
  )
  let position = options.from
  while (position < options.to) {
    const wantedBytes = Math.min(window.length, options.to - position)
    const part = window.subarray(0, wantedBytes)
    const isSmall = options.reads === undefined && wantedBytes <= SMALL_READ_BYTES
    const end = isSmall ? file.readNow(position, part) : await file.read(position, part)
    const walked = walk(window.subarray(0, end), position, options.visit)
    if (walked.endPosition > 0)
      await options.passed?.(window.subarray(0, walked.endPosition), position)
    position += walked.endPosition
    // The file is shorter than it was said to be: nothing more will come.
    if (walked.stop === 'invalid' || end < wantedBytes) return position
    if (walked.stop === 'needs more') {
      // Cut off by the window; a batch is as large as it says only as far as the file goes.
      if (walked.neededBytes > options.to - position) return position
      if (walked.neededBytes > window.length) window = Buffer.allocUnsafeSlow(walked.neededBytes)
    }
  }
  return position
}

/** The same in this very call, for a piece that is small. */
export function scanSegmentNow(
  file: Pick<DiskFile, 'readNow'>,
  { from, to, visit }: Pick<ScanOptions, 'from' | 'to' | 'visit'>,
): number {
  const bytes = Buffer.allocUnsafe(to - from)
  return from + walk(bytes.subarray(0, file.readNow(from, bytes)), from, visit).endPosition
}

interface Walked {
  readonly endPosition: number
  readonly stop: 'end' | 'invalid' | 'needs more'
  readonly neededBytes: number
}

function walk(bytes: Buffer, filePosition: number, visit: BatchVisit): Walked {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  let at = 0
  while (at < bytes.length) {
    if (bytes.length - at < BATCH_HEADER_BYTES)
      return { endPosition: at, stop: 'needs more', neededBytes: BATCH_HEADER_BYTES }
    const flaw = checkFraming(bytes, at)
    const batch = new RecordBatch(bytes, at, view)
    if (flaw === 'length beyond bytes')
      return { endPosition: at, stop: 'needs more', neededBytes: batch.sizeBytes }
    if (flaw !== undefined || visit(batch, filePosition + at) === 'invalid')
      return { endPosition: at, stop: 'invalid', neededBytes: 0 }
    at = batch.endPosition
  }
  return { endPosition: at, stop: 'end', neededBytes: 0 }
}
