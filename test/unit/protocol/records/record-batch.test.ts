import { describe, expect, it } from 'vitest'
import { batchesOf } from '../../../../packages/protocol/src/records/batches.ts'
import { RecordBatch } from '../../../../packages/protocol/src/records/record-batch.ts'
import { headerOf } from '../../../../scripts/protocol/formats/batches.ts'
import { modernVectors } from '../../../support/record-vectors.ts'

const commit = modernVectors.find(vector => vector.name === 'v2-txn-sequence-wrap')!

describe('RecordBatch', () => {
  for (const vector of modernVectors) {
    it(`reads the header of ${vector.name} as Kafka does`, () => {
      const batches = [...batchesOf(Buffer.from(vector.hex, 'hex'))]
      expect(batches.length).toBe(vector.batches.length)
      for (const [index, expected] of vector.batches.entries()) {
        const batch = batches[index]!
        expect(headerOf(batch)).toEqual({ ...expected, records: undefined })
      }
    })
  }

  it('reads the batch at its position and leaves the bytes around it alone', () => {
    const bytes = Buffer.concat([
      Buffer.alloc(7, 0xee),
      Buffer.from(commit.hex, 'hex'),
      Buffer.alloc(3, 0xee),
    ])
    const batch = new RecordBatch(bytes, 7)
    expect(batch.crcIsValid()).toBe(true)
    batch.setBaseOffset(Number.MAX_SAFE_INTEGER - 10)
    batch.setPartitionLeaderEpoch(77)
    expect(batch.baseOffset).toBe(Number.MAX_SAFE_INTEGER - 10)
    expect(batch.partitionLeaderEpoch).toBe(77)
    expect(batch.crcIsValid()).toBe(true)
    expect(batch.wholeBytes().length).toBe(commit.hex.length / 2)
    expect(bytes.subarray(0, 7)).toEqual(Buffer.alloc(7, 0xee))
    expect(bytes.subarray(-3)).toEqual(Buffer.alloc(3, 0xee))
  })

  it('stamps the append time and the checksum with it', () => {
    const batch = new RecordBatch(Buffer.from(commit.hex, 'hex'))
    batch.stampLogAppendTime(1_800_000_000_123)
    expect(batch.timestampType).toBe('LogAppendTime')
    expect(batch.maxTimestamp).toBe(1_800_000_000_123)
    expect(batch.isTransactional).toBe(true)
    expect(batch.crcIsValid()).toBe(true)
  })

  it('puts another producer in and writes the checksum anew', () => {
    const batch = new RecordBatch(Buffer.from(commit.hex, 'hex'))
    batch.setProducer({ producerId: 2 ** 40, producerEpoch: 9, baseSequence: 4 })
    expect(batch.producerId).toBe(2 ** 40)
    expect(batch.producerEpoch).toBe(9)
    expect(batch.lastSequence).toBe(6)
    expect(batch.crcIsValid()).toBe(true)
  })

  it('saturates 64-bit fields that no number holds exactly', () => {
    const bytes = Buffer.from(commit.hex, 'hex')
    bytes.writeBigInt64BE(1_700_000_000_000_000_000n, 35)
    bytes.writeBigInt64BE(-(2n ** 63n), 27)
    const batch = new RecordBatch(bytes)
    expect(batch.maxTimestamp).toBe(Number.MAX_SAFE_INTEGER)
    expect(batch.baseTimestamp).toBe(Number.MIN_SAFE_INTEGER)
  })

  it('has no compression for the codec numbers that mean none', () => {
    const bytes = Buffer.from(commit.hex, 'hex')
    bytes.writeInt16BE(5, 21)
    expect(new RecordBatch(bytes).compression).toBeUndefined()
  })
})
