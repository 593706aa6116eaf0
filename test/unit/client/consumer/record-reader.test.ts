import { describe, expect, it } from 'vitest'
import type { Fetcher } from '../../../../packages/client/src/consumer/fetcher.ts'
import { ReadPartition } from '../../../../packages/client/src/consumer/read-partition.ts'
import { RecordReader } from '../../../../packages/client/src/consumer/record-reader.ts'

/** A reader of partitions of which so many records are fetched. */
function reading(counts: readonly number[]) {
  const partitions = counts.map((count, partition) => {
    const read = new ReadPartition({ topic: 't', partition }, 0)
    let position = 0
    const take = () => {
      if (position >= count) return undefined
      position += 1
      return { offset: position - 1, timestamp: 0, key: null, value: null, headers: [] }
    }
    const fetched = { take, highWatermark: count, sizeBytes: 1 }
    Object.defineProperty(fetched, 'position', { get: () => position })
    read.fetched.push(fetched as never)
    return read
  })
  const fetcher = {
    partitions,
    pump: () => {},
    finishFetched: (partition: ReadPartition) => partition.finishFetched(),
    move: (partition: ReadPartition, change: (partition: ReadPartition) => void) =>
      change(partition),
  } as unknown as Fetcher
  const gate = { isOpen: true, asked: 0 }
  const mayHandOut = () => {
    gate.asked += 1
    return gate.isOpen
  }
  const reader = new RecordReader({ fetcher, mayHandOut, retryAt: () => 7 })
  const drain = () => {
    const seen: string[] = []
    for (let record = reader.nextRecord(); record !== undefined; record = reader.nextRecord())
      seen.push(`${record.partition}:${record.offset}`)
    return seen
  }
  return { reader, partitions, gate, drain }
}

describe('RecordReader', () => {
  it('takes a portion of one partition, then of the next', () => {
    expect(reading([2, 1, 2]).drain()).toEqual(['1:0', '2:0', '2:1', '0:0', '0:1'])
  })

  it('passes over partitions that are paused, held, or filtered out', () => {
    const { reader, partitions } = reading([1, 1, 1])
    const [first, second, third] = partitions as [ReadPartition, ReadPartition, ReadPartition]
    first.isPaused = true
    second.isHeld = true
    expect(reader.nextRecord(partition => partition !== third)).toBeUndefined()
    expect(reader.nextRecord()?.partition).toBe(2)
  })

  it('asks before the next record when there is doubt whether it may be handed out', () => {
    const { reader, gate } = reading([100])
    expect(reader.nextRecord()?.offset).toBe(0)
    gate.isOpen = false
    expect(reader.nextRecord()?.offset).toBe(1)
    reader.recheck()
    expect(reader.nextRecord()).toBeUndefined()
    gate.isOpen = true
    expect(reader.nextRecord()?.offset).toBe(2)
  })

  it('asks again after some records by itself', () => {
    const { drain, gate } = reading([100])
    drain()
    expect(gate.asked).toBeGreaterThanOrEqual(3)
    expect(gate.asked).toBeLessThan(10)
  })

  it('stops in the middle of a portion when the partition is held', () => {
    const { reader, partitions } = reading([3])
    reader.nextRecord()
    for (const partition of partitions) partition.isHeld = true
    expect(reader.nextRecord()).toBeUndefined()
  })

  it('throws the failure of a partition once, and has it tried again', () => {
    const { reader, partitions } = reading([0])
    const [partition] = partitions as [ReadPartition]
    partition.fetched.length = 0
    partition.failure = new Error('unreadable')
    expect(() => reader.nextRecord()).toThrow('unreadable')
    expect([partition.failure, partition.retryAt]).toEqual([undefined, 7])
  })

  it('notes what is in hand', () => {
    const { reader, partitions } = reading([2])
    reader.nextRecord()
    expect(reader.handOut()).toBe(partitions[0])
    expect([reader.firstOffset, partitions[0]?.handledOffset]).toEqual([0, 0])
    partitions[0]?.inHand.handled(0)
    expect(partitions[0]?.handledOffset).toBe(1)
  })
})
