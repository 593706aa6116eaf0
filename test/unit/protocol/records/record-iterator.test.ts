import { describe, expect, it } from 'vitest'
import { nodeCodecs } from '../../../../packages/protocol/src/node/codecs.ts'
import { BatchBuilder } from '../../../../packages/protocol/src/records/batch-builder.ts'
import { batchesOf } from '../../../../packages/protocol/src/records/batches.ts'
import { CompressionError } from '../../../../packages/protocol/src/records/compression.ts'
import { CorruptRecordsError } from '../../../../packages/protocol/src/records/corrupt-records-error.ts'
import type { LogRecord } from '../../../../packages/protocol/src/records/log-record.ts'
import { RecordBatch } from '../../../../packages/protocol/src/records/record-batch.ts'
import { recordsOf } from '../../../../packages/protocol/src/records/record-iterator.ts'
import { type GoldenRecord, goldenBytes, modernVectors } from '../../../support/record-vectors.ts'

const codecs = { native: nodeCodecs(), portable: nodeCodecs({ prefer: 'portable' }) }

function asGolden(record: LogRecord) {
  const { offset, timestamp, key, value } = record
  return { offset, timestamp, key, value, headers: record.headers }
}

function expectedOf(record: GoldenRecord) {
  return {
    offset: record.offset,
    timestamp: record.timestamp,
    key: goldenBytes(record.key),
    value: goldenBytes(record.value),
    headers: record.headers.map(({ key, value }) => ({ key, value: goldenBytes(value) })),
  }
}

describe('recordsOf', () => {
  for (const [name, either] of Object.entries(codecs)) {
    for (const vector of modernVectors) {
      it(`reads the records of ${vector.name} with ${name} codecs as Kafka does`, () => {
        const batches = [...batchesOf(Buffer.from(vector.hex, 'hex'))]
        for (const [index, expected] of vector.batches.entries()) {
          const records = [...recordsOf(batches[index]!, either)]
          expect(records.map(asGolden)).toEqual(expected.records.map(expectedOf))
        }
      })
    }
  }

  const headers = Buffer.from(
    modernVectors.find(vector => vector.name === 'v2-none-headers-deltas')!.hex,
    'hex',
  )

  it('gives views, not copies', () => {
    const bytes = Buffer.from(headers)
    const [record] = recordsOf(new RecordBatch(bytes))
    expect(record!.value!.buffer).toBe(bytes.buffer)
  })

  it('refuses records that are fewer or more than the count', () => {
    for (const count of [0, 1, 100, 0x7fff_ffff, -1]) {
      const bytes = Buffer.from(headers)
      bytes.writeInt32BE(count, 57)
      expect(() => [...recordsOf(new RecordBatch(bytes))]).toThrow(CorruptRecordsError)
    }
  })

  it('says that a compressed batch needs its codec', () => {
    const bytes = Buffer.from(headers)
    bytes.writeInt16BE(1, 21)
    expect(() => recordsOf(new RecordBatch(bytes))).toThrow(CompressionError)
  })

  it('saturates a timestamp that no number holds exactly', () => {
    const bytes = Buffer.from(headers)
    bytes.writeBigInt64BE(2n ** 62n, 27)
    const [first] = recordsOf(new RecordBatch(bytes))
    expect(first!.timestamp).toBe(Number.MAX_SAFE_INTEGER)
  })

  it('reads lengths, deltas and nulls alike on both sides of what takes one byte, two and three', () => {
    const sizes = [-1, 0, 63, 64, 8191, 8192]
    const deltas = [0, 63, 64, -64, -65, 8191, 8192, -8192, -8193, 2 ** 40]
    const builder = new BatchBuilder()
    const given = sizes.flatMap(keyBytes =>
      sizes.map((valueBytes, index) => ({
        key: keyBytes < 0 ? null : Buffer.alloc(keyBytes, 1),
        value: valueBytes < 0 ? null : Buffer.alloc(valueBytes, 2),
        timestamp: 2 ** 41 + deltas[(keyBytes + index + 1) % deltas.length]!,
        headers: index % 4 === 3 ? [{ key: 'h', value: null }] : [],
      })),
    )
    for (const record of given) builder.append(record)
    // Not at the start of its memory.
    const memory = Buffer.concat([Buffer.alloc(5), builder.build({}), Buffer.alloc(7)])
    const batch = new RecordBatch(memory.subarray(5, -7))
    const read = [...recordsOf(batch)].map(asGolden)
    expect(read).toEqual(given.map((record, offset) => ({ offset, ...record })))
  })

  it('refuses a record any byte of which lies about a length, whatever lies behind the batch', () => {
    const builder = new BatchBuilder()
    for (const size of [3, 70])
      builder.append({ key: 'key', value: 'v'.repeat(size), timestamp: 1 })
    const batch = builder.build({})
    const memory = Buffer.concat([batch, Buffer.alloc(20_000)])
    // The size of the first record, its key's and its value's.
    for (const at of [61, 65, 69]) {
      for (let byte = 0; byte < 256; byte++) {
        memory.set(batch)
        if (memory[at] === byte) continue
        memory[at] = byte
        const bytes = memory.subarray(0, batch.length)
        expect(() => [...recordsOf(new RecordBatch(bytes))]).toThrow(CorruptRecordsError)
      }
    }
  })

  it('refuses a batch that says it is longer than the bytes given', () => {
    const builder = new BatchBuilder()
    builder.append({ key: 'k', value: 'v', timestamp: 1 })
    const bytes = Buffer.concat([builder.build({}), Buffer.alloc(100)])
    bytes.writeInt32BE(bytes.length - 12, 8)
    const cut = bytes.subarray(0, 80)
    expect(() => recordsOf(new RecordBatch(cut))).toThrow(CorruptRecordsError)
  })
})
