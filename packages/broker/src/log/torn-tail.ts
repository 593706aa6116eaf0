/** Cutting what a crash left unfinished at the end of a log, without losing what may still be of use to somebody. */
import { BATCH_HEADER_BYTES, type Crc32c, MAGIC_V2, RecordBatch } from '@varve/protocol'
import type { Disk, DiskFile } from '../world.ts'

/** How far a torn tail is looked through for a batch that is worth keeping. */
const SEARCH_BYTES_MAX = 4 * 1024 * 1024
const COPY_BYTES = 1024 * 1024
const MAGIC_POSITION = 16

/** Cuts the file at `position`. If a valid batch lies beyond, the bytes are first kept beside it as `<file>.<position>.torn`. */
export async function cutTornTail(
  disk: Disk,
  file: DiskFile,
  position: number,
  crc32c: Crc32c,
): Promise<'kept aside' | 'cut'> {
  const outcome = (await holdsValidBatch(file, position, crc32c)) ? 'kept aside' : 'cut'
  if (outcome === 'kept aside') await copyTail(disk, file, position)
  await file.truncate(position)
  return outcome
}

async function holdsValidBatch(file: DiskFile, position: number, crc32c: Crc32c): Promise<boolean> {
  return (await findValidBatch(file, position, crc32c)) !== undefined
}

/** Where the first whole batch with a right checksum begins, from `position` on; undefined when there is none in the next 4 MiB. */
export async function findValidBatch(
  file: DiskFile,
  position: number,
  crc32c: Crc32c,
): Promise<number | undefined> {
  const bytes = Buffer.allocUnsafeSlow(Math.min(SEARCH_BYTES_MAX, file.sizeBytes - position))
  const end = await file.read(position, bytes)
  const view = new DataView(bytes.buffer, bytes.byteOffset, end)
  for (let at = 0; at + BATCH_HEADER_BYTES <= end; at++) {
    if (bytes[at + MAGIC_POSITION] !== MAGIC_V2) continue
    const batch = new RecordBatch(bytes, at, view)
    if (batch.sizeBytes < BATCH_HEADER_BYTES || batch.endPosition > end || batch.recordsCount < 0)
      continue
    if (batch.baseOffset >= 0 && batch.crcIsValid(crc32c)) return position + at
  }
  return undefined
}

async function copyTail(disk: Disk, file: DiskFile, position: number): Promise<void> {
  const copy = await disk.open(`${file.path}.${position}.torn`, 'truncate')
  try {
    const window = Buffer.allocUnsafeSlow(COPY_BYTES)
    for (let at = position; at < file.sizeBytes; ) {
      const count = await file.read(at, window)
      if (count === 0) break
      await copy.append([window.subarray(0, count)])
      at += count
    }
    await copy.sync()
  } finally {
    await copy.close()
  }
}
