import type { Disk } from '../world.ts'
import type { IndexBytes } from './index-bytes.ts'

/**
 * Brings an index file up to the index in memory, durably, but not beyond `upToBytes` of it. What the file has beyond the index is cut away. Rejects
 * with a `DiskError`.
 */
export async function writeIndexFile(
  disk: Disk,
  path: string,
  index: IndexBytes,
  upToBytes: number,
): Promise<void> {
  const file = await disk.open(path, 'create')
  try {
    const missing = index.unwritten()
    const position = missing?.position ?? index.sizeBytes
    const content = missing?.content.subarray(0, Math.max(0, upToBytes - position))
    const isLonger = file.sizeBytes > position
    if (isLonger) await file.truncate(position)
    const isMissing = content !== undefined && content.length > 0
    if (isMissing) await file.write(position, [content])
    if (isLonger || isMissing) await file.sync()
    if (isMissing) index.written(position + content.length)
  } finally {
    await file.close()
  }
}
