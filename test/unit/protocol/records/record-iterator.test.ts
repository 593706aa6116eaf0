import { describe, expect, it } from 'vitest'
import { nodeCodecs } from '../../../../packages/protocol/src/node/codecs.ts'
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
})
