import { RecordBatch, recordsOf } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { shardBatch } from '../../../../../packages/broker/src/coordinator/runtime/shard-batch.ts'

const record = (key: string, valueBytes: number) => ({
  key: Buffer.from(key),
  value: Buffer.alloc(valueBytes, 1),
})
const limits = { nowMs: 1_000, recordBytesMax: 1_000, batchBytesMax: 5_000, build: {} }
const recordsIn = (batch: Buffer | undefined) => [...recordsOf(new RecordBatch(batch as Buffer))]

describe('the batch of a decision', () => {
  it('has all its records, with the time of the decision', () => {
    const [a, b] = recordsIn(
      shardBatch([record('a', 10), { key: Buffer.from('b'), value: null }], limits),
    )
    expect([`${a?.key}`, a?.timestamp, `${b?.key}`, b?.value]).toEqual(['a', 1_000, 'b', null])
  })

  it('may be larger than a record may be', () => {
    const batch = shardBatch([record('a', 900), record('b', 900), record('c', 900)], limits)
    expect(recordsIn(batch).map(({ key }) => `${key}`)).toEqual(['a', 'b', 'c'])
  })

  it('is not to be had when one record is too large, or all are together', () => {
    expect(shardBatch([record('a', 10), record('b', 1_000)], limits)).toBeUndefined()
    const six = Array.from({ length: 6 }, () => record('a', 900))
    expect(shardBatch(six, limits)).toBeUndefined()
    expect(shardBatch(six.slice(1), limits)?.length).toBeLessThanOrEqual(5_000)
  })
})
