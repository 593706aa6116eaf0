import { BatchBuilder, crc32c, nodeCodecs } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import {
  type AbortedTransaction,
  FetchedRecords,
} from '../../../../packages/client/src/consumer/fetched-records.ts'
import { batchOf } from '../../../support/record-batches.ts'

interface Fetched {
  readonly bytes: readonly Buffer[]
  readonly fetchOffset?: number
  readonly endOffset?: number
  readonly aborted?: readonly AbortedTransaction[]
}

function fetched({
  bytes,
  fetchOffset = 0,
  endOffset = Number.POSITIVE_INFINITY,
  aborted = [],
}: Fetched) {
  return new FetchedRecords({
    topic: 't',
    partition: 0,
    bytes: Buffer.concat(bytes),
    fetchOffset,
    endOffset,
    highWatermark: 100,
    abortedTransactions: aborted,
    codecs: nodeCodecs(),
    crc32c,
    decompressedBytesMax: 1_000_000,
  })
}

function valuesOf(records: FetchedRecords): string[] {
  const values: string[] = []
  for (let record = records.take(); record !== undefined; record = records.take())
    values.push(String(record.value))
  return values
}

/** A marker that ends a transaction: type 0 aborts, 1 commits. */
function markerOf(producerId: number, type: 0 | 1, baseOffset: number): Buffer {
  const builder = new BatchBuilder()
  builder.append({ key: Buffer.from([0, 0, 0, type]), value: Buffer.alloc(6), timestamp: 0 })
  return builder.build({
    producerId,
    producerEpoch: 0,
    isTransactional: true,
    isControl: true,
    baseOffset,
  })
}

const transactional = (producerId: number, baseOffset: number, values: readonly string[]) =>
  batchOf({
    values,
    producerId,
    producerEpoch: 0,
    baseSequence: 0,
    isTransactional: true,
    baseOffset,
  })

describe('FetchedRecords', () => {
  it('gives the records from the position on and ends behind the last whole batch', () => {
    const second = batchOf({ values: ['c', 'd'], baseOffset: 2, partitionLeaderEpoch: 4 })
    const records = fetched({
      bytes: [
        batchOf({ values: ['a', 'b'] }),
        second,
        batchOf({ values: ['cut'], baseOffset: 4 }).subarray(0, 40),
      ],
      fetchOffset: 1,
    })
    expect(records).toMatchObject({ nextOffset: 4, lastLeaderEpoch: 4, highWatermark: 100 })
    expect(valuesOf(records)).toEqual(['b', 'c', 'd'])
    expect(records.position).toBe(4)
  })

  it('stops at its end', () => {
    const records = fetched({ bytes: [batchOf({ values: ['a', 'b', 'c'] })], endOffset: 2 })
    expect(valuesOf(records)).toEqual(['a', 'b'])
    expect(records.position).toBe(2)
  })

  it('leaves out aborted transactions and markers, and keeps the rest (KIP-98)', () => {
    const records = fetched({
      bytes: [
        transactional(7, 0, ['aborted']),
        transactional(8, 1, ['committed']),
        batchOf({ values: ['plain'], baseOffset: 2 }),
        transactional(7, 3, ['aborted too']),
        markerOf(7, 0, 4),
        markerOf(8, 1, 5),
        transactional(7, 6, ['a later one']),
        markerOf(7, 1, 7),
      ],
      aborted: [{ producerId: 7, firstOffset: 0 }],
    })
    expect(valuesOf(records)).toEqual(['committed', 'plain', 'a later one'])
    expect(records.position).toBe(8)
  })

  it('passes over what compaction has left empty', () => {
    const empty = new BatchBuilder().build({ baseOffset: 0 })
    empty.writeInt32BE(4, 23)
    const batch = fetched({ bytes: [empty], fetchOffset: 0 })
    // The checksum covers the offset delta, so it is checked first.
    expect(() => valuesOf(batch)).toThrow('checksum')
  })

  it.each([
    ['a wrong checksum', (bytes: Buffer) => bytes.writeUInt8(99, bytes.length - 2)],
    ['an old magic', (bytes: Buffer) => bytes.writeInt8(1, 16)],
    ['a length below the header', (bytes: Buffer) => bytes.writeInt32BE(3, 8)],
  ])('throws on %s, naming the place', (_what, spoil) => {
    const bytes = batchOf({ values: ['a', 'b'] })
    spoil(bytes)
    const read = () => valuesOf(fetched({ bytes: [bytes] }))
    expect(read).toThrow(expect.objectContaining({ code: 'CORRUPT_MESSAGE' }))
    expect(read).toThrow('reading t-0 at offset 0')
  })

  it('never throws anything else, whatever bytes come', () => {
    const bytes = batchOf({ values: ['a', 'b', 'c'] })
    for (let at = 0; at < bytes.length; at += 1) {
      for (const value of [0, 1, 0x7f, 0x80, 0xff]) {
        const spoilt = Buffer.from(bytes)
        spoilt[at] = value
        try {
          valuesOf(fetched({ bytes: [spoilt] }))
        } catch (error) {
          expect(error).toMatchObject({ code: 'CORRUPT_MESSAGE' })
        }
      }
    }
  })
})
