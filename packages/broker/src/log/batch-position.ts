/** The few header fields by which logs walk over batches in a buffer, without a view object per batch. */
import { BATCH_HEADER_BYTES, BATCH_PREFIX_BYTES } from '@varve/protocol'

const BATCH_LENGTH = 8
const LAST_OFFSET_DELTA = 23

/** The size of the whole batch at `position`, by its length field. */
export function batchSizeAt(view: DataView, position: number): number {
  return BATCH_PREFIX_BYTES + view.getInt32(position + BATCH_LENGTH)
}

export function baseOffsetAt(view: DataView, position: number): number {
  return view.getUint32(position) * 0x1_0000_0000 + view.getUint32(position + 4)
}

export function lastOffsetAt(view: DataView, position: number): number {
  return baseOffsetAt(view, position) + view.getInt32(position + LAST_OFFSET_DELTA)
}

/** Whether the header of the batch at `position` lies before `end`. */
export function hasHeaderAt(position: number, end: number): boolean {
  return position + BATCH_HEADER_BYTES <= end
}

/** The offset after the last batch; `bytes` are whole batches, at least one. */
export function endOffsetOf(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  let position = 0
  let lastOffset = -1
  while (hasHeaderAt(position, bytes.length)) {
    lastOffset = lastOffsetAt(view, position)
    position += batchSizeAt(view, position)
  }
  return lastOffset + 1
}
