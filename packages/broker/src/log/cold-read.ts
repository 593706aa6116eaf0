/** Reads batches that left the tail cache from a segment file, on the disk's own threads. */
import { BATCH_HEADER_BYTES, CorruptRecordsError } from '@varve/protocol'
import type { DiskFile } from '../world.ts'
import { batchSizeAt, hasHeaderAt, lastOffsetAt } from './batch-position.ts'
import type { ReadBuffer, ReadBuffers } from './read-buffers.ts'
import { NOTHING_READ, type ReadRange, type ReadResult } from './read-result.ts'
import type { Segment } from './segment.ts'

/** Read beyond what was asked for, because the index leads to a place up to `index.interval.bytes` before the wanted batch. */
const LEAD_BYTES = 8 * 1024
/** The most that one read returns, whatever the client asks for (but for a single larger batch). */
const READ_BYTES_MAX = 8 * 1024 * 1024

/** Whole batches from `range.offset` on, all from this segment; undefined when it holds none at or after that offset. */
export async function coldRead(
  segment: Segment,
  range: ReadRange,
  buffers: ReadBuffers,
): Promise<ReadResult | undefined> {
  const indexes = await segment.requireIndexes()
  const file = await segment.open()
  const maxBytes = Math.min(range.maxBytes, READ_BYTES_MAX)
  let position = indexes.offsets.floorPosition(range.offset)
  let wantedBytes = maxBytes + LEAD_BYTES
  while (position < segment.sizeBytes) {
    const sizeBytes = Math.min(wantedBytes, segment.sizeBytes - position)
    const { buffer, end } = await fill(file, buffers.take(sizeBytes), { position, sizeBytes })
    const found = findBatch(buffer.bytes, end, range.offset)
    if (found.type === 'at' && found.position + found.sizeBytes <= end) {
      return sliceOf(buffer, { start: found.position, end }, { ...range, maxBytes })
    }
    buffer.release()
    const isAllThereIs = end < sizeBytes || end >= segment.sizeBytes - position
    if (found.position === 0 && isAllThereIs) throw damaged(segment, position)
    position += found.position
    // The wanted batch begins here, but is larger than what was read.
    if (found.type === 'at') {
      if (found.sizeBytes > maxBytes && !range.firstBatchWhole) return NOTHING_READ
      wantedBytes = Math.max(found.sizeBytes, maxBytes)
    }
  }
  return undefined
}

async function fill(
  file: DiskFile,
  buffer: ReadBuffer,
  place: { readonly position: number; readonly sizeBytes: number },
): Promise<{ readonly buffer: ReadBuffer; readonly end: number }> {
  try {
    const end = await file.read(place.position, buffer.bytes.subarray(0, place.sizeBytes))
    return { buffer, end }
  } catch (error) {
    buffer.release()
    throw error
  }
}

type Found =
  | { readonly type: 'at'; readonly position: number; readonly sizeBytes: number }
  /** Not in these bytes: go on reading at `position`, where the next batch begins. */
  | { readonly type: 'beyond'; readonly position: number }

/** The first batch that ends at or after `offset`. */
function findBatch(bytes: Buffer, end: number, offset: number): Found {
  const view = viewOf(bytes)
  let position = 0
  while (hasHeaderAt(position, end)) {
    const sizeBytes = batchSizeAt(view, position)
    if (sizeBytes < BATCH_HEADER_BYTES)
      throw new CorruptRecordsError('A batch in the log is shorter than its header')
    if (lastOffsetAt(view, position) >= offset) return { type: 'at', position, sizeBytes }
    position += sizeBytes
  }
  return { type: 'beyond', position }
}

/** What fits of the bytes, in whole batches. */
function sliceOf(
  buffer: ReadBuffer,
  bounds: { readonly start: number; readonly end: number },
  range: ReadRange,
): ReadResult {
  const { bytes } = buffer
  const view = viewOf(bytes)
  const { start } = bounds
  let end = start
  while (hasHeaderAt(end, bounds.end)) {
    const sizeBytes = batchSizeAt(view, end)
    if (
      sizeBytes < BATCH_HEADER_BYTES ||
      end + sizeBytes > bounds.end ||
      lastOffsetAt(view, end) >= range.endOffset
    )
      break
    const isLetThrough = end === start && range.firstBatchWhole
    if (end + sizeBytes - start > range.maxBytes && !isLetThrough) break
    end += sizeBytes
  }
  if (end === start) {
    buffer.release()
    return NOTHING_READ
  }
  return { parts: [bytes.subarray(start, end)], sizeBytes: end - start, release: buffer.release }
}

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
}

function damaged(segment: Segment, position: number): CorruptRecordsError {
  return new CorruptRecordsError(`${segment.path} has no whole batch at position ${position}`)
}
