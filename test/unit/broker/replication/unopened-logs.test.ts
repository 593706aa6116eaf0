import { expect, it } from 'vitest'
import {
  type Assignment,
  assignmentsOf,
} from '../../../../packages/broker/src/replication/assignment.ts'
import { UnopenedLogs } from '../../../../packages/broker/src/replication/unopened-logs.ts'
import { plainSettings } from '../../../support/log-harness.ts'
import { imageWith, newTopic, topicIdOf } from '../../../support/metadata-image.ts'

const [orders, payments] = [topicIdOf('orders'), topicIdOf('payments')]

function given(): UnopenedLogs {
  const { topics } = imageWith(...newTopic('orders', 2), ...newTopic('payments'))
  const rules = { brokerId: 1, logDirectory: { path: '/data' }, settingsOf: () => plainSettings }
  const unopened = new UnopenedLogs()
  for (const assignment of assignmentsOf(topics.byId.values(), rules).values())
    unopened.set(assignment)
  return unopened
}

it('gives a log to the first who takes it', () => {
  const unopened = given()
  expect(unopened.take(orders, 1)?.identity.directory).toBe('/data/orders-1')
  expect([unopened.take(orders, 1), unopened.take('none', 0)]).toEqual([undefined, undefined])
  expect([unopened.count, unopened.has({ topicId: orders, partition: 1 })]).toEqual([2, false])
  expect([...unopened.all()].map(({ identity }) => identity.topic)).toEqual(['orders', 'payments'])
  expect([unopened.ofTopic(orders).length, unopened.ofTopic('none').length]).toEqual([1, 0])
})

it('puts what a partition is now in the place of what it was', () => {
  const unopened = given()
  const [was] = unopened.ofTopic(payments)
  unopened.set({ ...(was as Assignment), leaderEpoch: 7 })
  expect([unopened.count, unopened.take(payments, 0)?.leaderEpoch]).toEqual([3, 7])
})

it('opens logs with the settings that they have by then', () => {
  const unopened = given()
  const settings = { ...plainSettings, segmentBytes: 1 }
  unopened.configure(({ name }) => (name === 'orders' ? settings : undefined))
  expect(unopened.ofTopic(orders).map(of => of.settings)).toEqual([settings, settings])
  expect(unopened.ofTopic(payments)[0]?.settings).toBe(plainSettings)
})
