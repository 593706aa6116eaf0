import { RecordBatch, recordsOf } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { shardBatches } from '../../../../../packages/broker/src/coordinator/runtime/shard-batches.ts'

const record = (key: string, valueBytes: number) => ({
  key: Buffer.from(key),
  value: Buffer.alloc(valueBytes, 1),
})
const limits = { nowMs: 1_000, batchBytesMax: 1_000, build: {} }
const keysOf = (batches: readonly Buffer[] | undefined) =>
  batches?.map(batch => [...recordsOf(new RecordBatch(batch))].map(({ key }) => `${key}`))

describe('the batches of a decision', () => {
  it('are one, with the time of the decision', () => {
    const batches = shardBatches([record('a', 10), { key: Buffer.from('b'), value: null }], limits)
    expect(keysOf(batches)).toEqual([['a', 'b']])
    const [a, b] = [...recordsOf(new RecordBatch(batches?.[0] as Buffer))]
    expect([a?.timestamp, b?.value]).toEqual([1_000, null])
  })

  it('are several where the topic takes no larger ones, none of them too large', () => {
    const batches = shardBatches([record('a', 500), record('b', 300), record('c', 300)], limits)
    expect(keysOf(batches)).toEqual([['a', 'b'], ['c']])
    for (const batch of batches ?? []) expect(batch.length).toBeLessThanOrEqual(1_000)
  })

  it('are not to be had when one record is too large', () => {
    expect(shardBatches([record('a', 10), record('b', 1_000)], limits)).toBeUndefined()
  })
})
