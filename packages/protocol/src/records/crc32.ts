import portable from 'crc-32'

/** The CRC-32 of IEEE 802.3, unsigned: the checksum of message formats 0 and 1. */
export function crc32(bytes: Uint8Array): number {
  return portable.buf(bytes, 0) >>> 0
}
