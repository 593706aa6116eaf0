import { Buffer } from 'node:buffer'
import { crc32c, portableCrc32c, Reader, Writer } from '@varve/protocol'
import { murmur2, partitionOfKey } from '../../../packages/client/src/producer/murmur2.ts'
import { RecordCursor } from '../../../packages/protocol/src/records/record-cursor.ts'
import {
  varintBytes,
  varlongBytes,
  writeVarint,
  writeVarlong,
} from '../../../packages/protocol/src/records/record-varint.ts'

export interface Murmur2Vector {
  readonly keyUtf8?: string
  readonly keyHex?: string
  readonly murmur2: number
  readonly partitionOf3: number
  readonly partitionOf10: number
  readonly partitionOf100: number
}

export interface Crc32cVector {
  readonly utf8: string
  readonly crc32c: string
}

export interface VarintVector {
  /** A text where it may exceed 2^53. */
  readonly value: number | string
  readonly hex: string
}

export const checkMurmur2 = (vector: Murmur2Vector): readonly string[] => {
  const { keyUtf8, keyHex } = vector
  const key = keyHex === undefined ? Buffer.from(keyUtf8 ?? '') : Buffer.from(keyHex, 'hex')
  const given = [
    murmur2(key),
    ...[3, 10, 100].map(partitions => partitionOfKey(key, partitions)),
  ].join()
  const { murmur2: hash, partitionOf3, partitionOf10, partitionOf100 } = vector
  const stated = [hash, partitionOf3, partitionOf10, partitionOf100].join()
  return given === stated ? [] : [`murmur2 of ${keyUtf8 ?? keyHex}: ${given}, not ${stated}`]
}

export const checkCrc32c = ({ utf8, crc32c: stated }: Crc32cVector): readonly string[] =>
  [crc32c, portableCrc32c].flatMap(compute => {
    const bytes = Buffer.from(utf8)
    const given = compute(bytes, 0, bytes.length).toString(16).padStart(8, '0')
    return given === stated ? [] : [`CRC-32C of '${utf8}': ${given}, not ${stated}`]
  })

/** The varints of records: zig-zag, 32 or 64 bits. A number of more than 53 bits saturates when read, and is never written. */
export const checkVarint = (kind: 32 | 64, vector: VarintVector): readonly string[] => {
  const exact = BigInt(vector.value)
  const value = Number(exact)
  const bytes = Buffer.from(vector.hex, 'hex')
  const cursor = new RecordCursor(bytes, 0, bytes.length)
  const read = kind === 32 ? cursor.readVarint() : cursor.readVarlong()
  const problems = cursor.position === bytes.length ? [] : ['does not end where it should']
  if (!Number.isSafeInteger(value)) {
    if (Math.abs(read) < Number.MAX_SAFE_INTEGER) problems.push(`reads as ${read}`)
  } else {
    if (read !== value) problems.push(`reads as ${read}`)
    const into = Buffer.alloc(10)
    const end = kind === 32 ? writeVarint(into, 0, value) : writeVarlong(into, 0, value)
    if (into.toString('hex', 0, end) !== vector.hex) problems.push('is written otherwise')
    if ((kind === 32 ? varintBytes(value) : varlongBytes(value)) !== end) {
      problems.push('is said to have another length')
    }
  }
  return problems.map(problem => `varint${kind} ${vector.value} ${problem}`)
}

/** The varint of lengths, tags and counts. */
export const checkUnsignedVarint = (vector: VarintVector): readonly string[] => {
  const value = Number(vector.value)
  const problems: string[] = []
  const reader = new Reader(Buffer.from(vector.hex, 'hex'))
  const read = reader.unsignedVarint()
  if (read !== value || reader.remaining > 0) problems.push(`reads as ${read}`)
  const writer = new Writer()
  writer.unsignedVarint(value)
  if (Buffer.concat(writer.finish()).toString('hex') !== vector.hex) {
    problems.push('is written otherwise')
  }
  return problems.map(problem => `unsigned varint ${vector.value} ${problem}`)
}
