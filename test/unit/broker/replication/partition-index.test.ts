import { expect, it } from 'vitest'
import type { Partition } from '../../../../packages/broker/src/replication/partition.ts'
import { PartitionIndex } from '../../../../packages/broker/src/replication/partition-index.ts'

const partitionOf = (topic: string, partition: number, topicId = `id of ${topic}`): Partition =>
  ({ topic, topicId, partition }) as Partition

it('finds partitions by the id and by the name of their topic, until they are taken out', () => {
  const index = new PartitionIndex()
  const first = partitionOf('orders', 0)
  for (const partition of [first, partitionOf('orders', 1), partitionOf('payments', 0)])
    index.set(partition)
  expect(index.get('id of orders', 0)).toBe(first)
  expect(index.getByName('orders', 0)).toBe(first)
  expect([index.size, index.ofTopic('id of orders').length, [...index.topicIds()].length]).toEqual([
    ...[3, 2, 2],
  ])
  index.delete(first)
  expect([index.get('id of orders', 0), index.getByName('orders', 0)]).toEqual([
    undefined,
    undefined,
  ])
  expect([...index.all()].map(({ topic, partition }) => `${topic}-${partition}`)).toEqual([
    ...['orders-1', 'payments-0'],
  ])
  expect(index.ofTopic('id of none')).toEqual([])
})

it('has one partition in a place', () => {
  const index = new PartitionIndex()
  const [was, is] = [partitionOf('orders', 0), partitionOf('orders', 0)]
  index.set(was)
  index.set(is)
  expect([index.size, index.get('id of orders', 0) === is]).toEqual([1, true])
})
