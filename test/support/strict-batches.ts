/** A reader of record batches of its own, written from the format's description: what our own code says of a batch is not asked. */

const PREFIX_BYTES = 12
const HEADER_BYTES = 61

/** What is wrong with the batches that lie in `bytes`, the first of which has to begin at `offset`. */
export function problemsOfLog(bytes: Uint8Array, offset: number): string[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const problems: string[] = []
  let expected = BigInt(offset)
  for (let at = 0; at < bytes.length; ) {
    if (bytes.length - at < HEADER_BYTES) return [...problems, `${at}: a header is cut off`]
    const sizeBytes = PREFIX_BYTES + view.getInt32(at + 8)
    if (sizeBytes < HEADER_BYTES || sizeBytes > bytes.length - at)
      return [...problems, `${at}: a batch of ${sizeBytes} bytes`]
    const attributes = view.getUint16(at + 21)
    const lastOffsetDelta = view.getInt32(at + 23)
    const recordsCount = view.getInt32(at + 57)
    const says = (isRight: boolean, problem: string) =>
      isRight || problems.push(`${at}: ${problem}`)
    says(view.getBigInt64(at) === expected, `base offset ${view.getBigInt64(at)}, not ${expected}`)
    says(view.getInt8(at + 16) === 2, `magic ${view.getInt8(at + 16)}`)
    says(
      view.getUint32(at + 17) === bitwiseCrc32c(bytes.subarray(at + 21, at + sizeBytes)),
      'the checksum',
    )
    says((attributes & 7) <= 4, `codec ${attributes & 7}`)
    says((attributes & ~0x0f) === 0, `attributes ${attributes.toString(2)}`)
    says(recordsCount > 0 && lastOffsetDelta === recordsCount - 1, `count ${recordsCount}`)
    const producerId = view.getBigInt64(at + 43)
    says(producerId < 0 || view.getInt32(at + 53) >= 0, 'a producer without a sequence')
    says(producerId < 0 || view.getInt16(at + 51) >= 0, 'a producer without an epoch')
    expected += BigInt(lastOffsetDelta + 1)
    at += sizeBytes
  }
  return problems
}

/** CRC-32C (RFC 3720, B.4), a bit at a time. */
function bitwiseCrc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1
  }
  return (crc ^ 0xffffffff) >>> 0
}
