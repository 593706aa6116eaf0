import { describe, expect, it } from 'vitest'
import { ReadPartition } from '../../../../packages/client/src/consumer/read-partition.ts'
import { ConsumerRecord } from '../../../../packages/client/src/consumer/record.ts'
import { allItems, itemsFor } from '../../../../packages/client/src/group/commit-items.ts'

const record = (source: ReadPartition, offset: number) =>
  new ConsumerRecord(source, { offset, timestamp: 0, key: null, value: null, headers: [] } as never)
const at = { topic: 't', partition: 0 }

describe('what is to be committed', () => {
  it('is all that was handed out, or only what was handled', () => {
    const partition = new ReadPartition(at, 7)
    partition.inHand.add(5)
    expect(allItems([partition], 'handed-out')).toMatchObject([{ offset: 7 }])
    expect(allItems([partition], 'handled')).toMatchObject([{ offset: 5 }])
    expect(allItems([new ReadPartition(at, 'latest')], 'handed-out')).toEqual([])
  })

  it('is what lies up to and including a record', () => {
    const partition = new ReadPartition(at, 0)
    expect(itemsFor([partition], record(partition, 4))).toMatchObject([{ ...at, offset: 5 }])
  })

  it('is refused for a record from before the partition was lost, also when it came back', () => {
    const lost = new ReadPartition(at, 0)
    const back = new ReadPartition(at, 0)
    expect(() => itemsFor([back], record(lost, 4))).toThrow('does not belong to this consumer')
    expect(() => itemsFor([], [{ ...at, offset: 3 }])).toThrow('does not belong to this consumer')
  })

  it('is an offset', () => {
    const partitions = [new ReadPartition(at, 0)]
    expect(itemsFor(partitions, [{ ...at, offset: 3, metadata: 'm' }])).toMatchObject([
      { offset: 3, metadata: 'm', source: partitions[0] },
    ])
    expect(() => itemsFor(partitions, [{ ...at, offset: -1 }])).toThrow('offset is -1')
  })
})
