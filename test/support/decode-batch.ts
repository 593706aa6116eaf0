import { Buffer } from 'node:buffer'

/** A batch decoded into plain values, once, by nothing but the description of the format: the measure for the views. */
export interface DecodedBatch {
  readonly baseOffset: bigint
  readonly sizeBytes: number
  readonly partitionLeaderEpoch: number
  readonly magic: number
  readonly crc: number
  readonly attributes: number
  readonly lastOffsetDelta: number
  readonly baseTimestamp: bigint
  readonly maxTimestamp: bigint
  readonly producerId: bigint
  readonly producerEpoch: number
  readonly baseSequence: number
  readonly recordsCount: number
  readonly records: readonly DecodedRecord[]
}

export interface DecodedRecord {
  readonly offset: bigint
  readonly timestamp: bigint
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: readonly { readonly key: string; readonly value: Buffer | null }[]
}

/** Decodes an uncompressed batch of magic 2 that lies at the start of `bytes`. */
export function decodeBatch(bytes: Buffer): DecodedBatch {
  const header = {
    baseOffset: bytes.readBigInt64BE(0),
    sizeBytes: 12 + bytes.readInt32BE(8),
    partitionLeaderEpoch: bytes.readInt32BE(12),
    magic: bytes.readInt8(16),
    crc: bytes.readUInt32BE(17),
    attributes: bytes.readInt16BE(21),
    lastOffsetDelta: bytes.readInt32BE(23),
    baseTimestamp: bytes.readBigInt64BE(27),
    maxTimestamp: bytes.readBigInt64BE(35),
    producerId: bytes.readBigInt64BE(43),
    producerEpoch: bytes.readInt16BE(51),
    baseSequence: bytes.readInt32BE(53),
    recordsCount: bytes.readInt32BE(57),
  }
  const input = new Varints(bytes, 61)
  const isStamped = (header.attributes & 8) !== 0
  const records = Array.from({ length: header.recordsCount }, (): DecodedRecord => {
    input.next() // The length of the record.
    input.skipByte()
    const timestamp = header.baseTimestamp + input.next()
    const offset = header.baseOffset + input.next()
    const key = input.field()
    const value = input.field()
    const headers = Array.from({ length: Number(input.next()) }, () => {
      const name = input.field() ?? Buffer.alloc(0)
      return { key: name.toString(), value: input.field() }
    })
    return { offset, timestamp: isStamped ? header.maxTimestamp : timestamp, key, value, headers }
  })
  return { ...header, records }
}

class Varints {
  readonly #bytes: Buffer
  #at: number

  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes
    this.#at = at
  }

  next(): bigint {
    let raw = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.#bytes.readUInt8(this.#at++)
      raw |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return (raw >> 1n) ^ -(raw & 1n)
    }
  }

  field(): Buffer | null {
    const length = Number(this.next())
    if (length < 0) return null
    this.#at += length
    return this.#bytes.subarray(this.#at - length, this.#at)
  }

  skipByte(): void {
    this.#at++
  }
}
