import { describe, expect, it } from 'vitest'
import { BatchBuilder } from '../../../../packages/protocol/src/records/batch-builder.ts'
import { CompressionError } from '../../../../packages/protocol/src/records/compression.ts'
import { RecordBatch } from '../../../../packages/protocol/src/records/record-batch.ts'
import { recordsOf } from '../../../../packages/protocol/src/records/record-iterator.ts'
import { type GoldenBatch, goldenBytes, modernVectors } from '../../../support/record-vectors.ts'

/** What a producer can write: contiguous offsets, no control marks, nothing that only the log's compaction makes. */
function isProducible(batch: GoldenBatch): boolean {
  return (
    batch.compression === 'none' &&
    batch.attributes < 0x40 &&
    batch.timestampType === 'CreateTime' &&
    batch.records.length > 0 &&
    batch.records.every((record, index) => record.offset === batch.baseOffset + index)
  )
}

const producible = modernVectors.filter(
  vector => vector.batches.length === 1 && isProducible(vector.batches[0]!),
)

describe('BatchBuilder', () => {
  for (const { name, hex, batches } of producible) {
    it(`writes ${name} byte for byte`, () => {
      const golden = batches[0]!
      const builder = new BatchBuilder(0)
      for (const record of golden.records) {
        const input = {
          key: goldenBytes(record.key),
          value: goldenBytes(record.value),
          headers: record.headers.map(header => ({
            key: header.key,
            value: goldenBytes(header.value),
          })),
          timestamp: record.timestamp,
        }
        const before = builder.sizeBytes
        const grows = builder.sizeWith(input)
        builder.append(input)
        expect(builder.sizeBytes - before).toBe(grows)
      }
      expect(builder.sizeBytes).toBe(hex.length / 2)
      expect(builder.maxTimestamp).toBe(golden.maxTimestamp)
      expect(builder.build(golden).toString('hex')).toBe(hex)
    })
  }

  it('covers most of the uncompressed vectors', () => {
    expect(producible.length).toBeGreaterThanOrEqual(12)
  })

  it('writes strings as UTF-8 and what is left out as null', () => {
    const builder = new BatchBuilder()
    builder.append({
      key: 'kl\u00fc\u20ac',
      value: '\u{1f600}',
      headers: [{ key: '\u00e4' }],
      timestamp: 5,
    })
    builder.append({ timestamp: 4 })
    const [first, second] = [...recordsOf(new RecordBatch(builder.build({})))]
    expect(first!.key!.toString()).toBe('kl\u00fc\u20ac')
    expect(first!.value!.toString()).toBe('\u{1f600}')
    expect(first!.headers).toEqual([{ key: '\u00e4', value: null }])
    expect([second!.key, second!.value, second!.timestamp]).toEqual([null, null, 4])
  })

  it('grows from nothing to a record larger than its first guess', () => {
    const builder = new BatchBuilder(0)
    const value = Buffer.alloc(100_000, 7)
    builder.append({ value, timestamp: 0 })
    builder.append({ value, timestamp: 0 })
    expect([...recordsOf(new RecordBatch(builder.build({})))].map(record => record.value)).toEqual([
      value,
      value,
    ])
  })

  it('asks for a codec when it shall compress', () => {
    const builder = new BatchBuilder()
    builder.append({ value: 'a', timestamp: 0 })
    expect(() => builder.build({ compression: 'gzip' })).toThrow(CompressionError)
  })

  it('keeps timestamps that are far apart', () => {
    const builder = new BatchBuilder()
    for (const timestamp of [0, Number.MAX_SAFE_INTEGER, 1, 2 ** 40]) builder.append({ timestamp })
    const records = [...recordsOf(new RecordBatch(builder.build({})))]
    expect(records.map(record => record.timestamp)).toEqual([
      0,
      Number.MAX_SAFE_INTEGER,
      1,
      2 ** 40,
    ])
  })
})
