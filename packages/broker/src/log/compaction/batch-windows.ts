/** Reads a segment that is cleaned: window by window, each of whole batches whose checksums are right (L3). */
import {
  BATCH_HEADER_BYTES,
  CorruptRecordsError,
  type Crc32c,
  checkFraming,
  RecordBatch,
} from '@varve/protocol'
import type { Segment } from '../segment.ts'
import type { Pace } from './pace.ts'

/** How the segments of one cleaning are read. */
export interface WindowTools {
  readonly crc32c: Crc32c
  readonly pace: Pace
  readonly readBytes: number
}

/** A batch on its way through a cleaning; it is valid until the next one is asked for. */
export interface WindowBatch {
  readonly batch: RecordBatch
  /** Where it ends in the file. */
  readonly endPosition: number
  /** True for the last one of a window: its bytes are overwritten when the next is asked for. */
  readonly endsWindow: boolean
}

/** The batches of a segment from `position` on, which is where one begins. Throws a `CorruptRecordsError` at the first damaged one. */
export async function* batchesFrom(
  segment: Segment,
  position: number,
  tools: WindowTools,
): AsyncGenerator<WindowBatch, void, void> {
  const { pace, crc32c } = tools
  const { sizeBytes } = segment
  let window = Buffer.allocUnsafeSlow(
    Math.max(BATCH_HEADER_BYTES, Math.min(tools.readBytes, sizeBytes - position)),
  )
  for (let at = position; at < sizeBytes; ) {
    const file = await segment.open()
    const wanted = window.subarray(0, Math.min(window.length, sizeBytes - at))
    const readBytes = await file.read(at, wanted)
    await pace.spend(readBytes)
    const view = new DataView(window.buffer, window.byteOffset, readBytes)
    const bytes = window.subarray(0, readBytes)
    const end = endOfWhole(bytes, view)
    if (end.position === 0) {
      if (end.neededBytes > sizeBytes - at || readBytes < wanted.length) throw damaged(segment, at)
      window = Buffer.allocUnsafeSlow(end.neededBytes)
      continue
    }
    for (let within = 0; within < end.position; ) {
      const batch = new RecordBatch(bytes, within, view)
      if (!batch.crcIsValid(crc32c)) throw damaged(segment, at + within)
      within = batch.endPosition
      yield { batch, endPosition: at + within, endsWindow: within === end.position }
      if (pace.isDue) await pace.rest()
    }
    at += end.position
  }
}

/** Where the last batch ends that lies whole in the bytes; 0 when not even the first does, and how many bytes that one needs. */
function endOfWhole(
  bytes: Buffer,
  view: DataView,
): { readonly position: number; readonly neededBytes: number } {
  let position = 0
  while (
    bytes.length - position >= BATCH_HEADER_BYTES &&
    checkFraming(bytes, position) === undefined
  )
    position = new RecordBatch(bytes, position, view).endPosition
  const isCutOff =
    position === 0 &&
    bytes.length >= BATCH_HEADER_BYTES &&
    checkFraming(bytes, 0) === 'length beyond bytes'
  const neededBytes = isCutOff ? new RecordBatch(bytes, 0, view).sizeBytes : Infinity
  return { position, neededBytes }
}

function damaged(segment: Segment, position: number): CorruptRecordsError {
  return new CorruptRecordsError(`${segment.path} has no valid batch at position ${position}`)
}
