import { expect, it } from 'vitest'
import {
  assignmentsOf,
  partitionKey,
} from '../../../../packages/broker/src/replication/assignment.ts'
import { plainSettings } from '../../../support/log-harness.ts'
import { imageWith, newTopic, topicIdOf } from '../../../support/metadata-image.ts'

it('knows the partitions that this broker has a replica of, with one object of settings for each topic', () => {
  const { topics } = imageWith(...newTopic('orders', 2))
  const rules = { brokerId: 1, logDirectory: { path: '/data' }, settingsOf: () => plainSettings }
  const assignments = [...assignmentsOf(topics.byId.values(), rules).values()]
  expect(assignments.map(({ identity }) => identity.directory)).toEqual([
    ...['/data/orders-0', '/data/orders-1'],
  ])
  expect(new Set(assignments.map(({ settings }) => settings)).size).toBe(1)
  expect(assignmentsOf(topics.byId.values(), { ...rules, brokerId: 2 }).size).toBe(0)
})

it('tells partitions apart by the ids of their topics', () => {
  const topicId = topicIdOf('orders')
  expect(partitionKey({ topicId, partition: 1 })).not.toBe(partitionKey({ topicId, partition: 11 }))
})
