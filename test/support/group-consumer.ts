import { Consumer } from '../../packages/client/src/consumer/consumer.ts'
import type { ConsumerOptions, TopicPartition } from '../../packages/client/src/consumer/options.ts'
import type { ConsumerRecord } from '../../packages/client/src/consumer/record.ts'
import { FakeCluster } from './fake-broker.ts'
import { recordingLog, settingsFor, watch } from './fake-client.ts'
import { FakeConsumerGroup } from './fake-consumer-group.ts'
import { FakeGroup } from './fake-group.ts'
import { batchOf } from './record-batches.ts'

export interface GroupConsumerSetup {
  readonly options?: Partial<ConsumerOptions>
  readonly partitionsCount?: number
  readonly brokersCount?: number
}

/** A consumer of the classic group `g` and the topic `orders`, and everything around it. */
export function groupConsumer(setup: GroupConsumerSetup = {}) {
  const parts = consumerOf(setup)
  return { ...parts, group: new FakeGroup(parts.cluster) }
}

/** The same with a group of KIP-848. */
export function consumerGroupConsumer(setup: GroupConsumerSetup = {}) {
  const options = { groupProtocol: 'consumer' as const, ...setup.options }
  const parts = consumerOf({ ...setup, options })
  return { ...parts, group: new FakeConsumerGroup(parts.cluster) }
}

function consumerOf(setup: GroupConsumerSetup) {
  const cluster = new FakeCluster(setup.brokersCount ?? 1)
  cluster.addTopic('orders', setup.partitionsCount ?? 2)
  const { log, lines } = recordingLog()
  const { clock } = cluster.platform
  const events: string[] = []
  const hook = (what: string) => (partitions: readonly TopicPartition[]) => {
    events.push(`${what} ${partitions.map(({ partition }) => partition).join(' ')}`)
  }
  const consumer = new Consumer(settingsFor(cluster, { log }), {
    groupId: 'g',
    topics: ['orders'],
    startAt: 'earliest',
    onAssigned: hook('assigned'),
    onRevoked: hook('revoked'),
    onLost: hook('lost'),
    ...setup.options,
  })
  const records = consumer[Symbol.asyncIterator]()
  /** Asks the loop for the next record and gives it time. */
  const next = async (ms = 20) => {
    const asked = watch(records.next() as Promise<IteratorResult<ConsumerRecord>>)
    await clock.advance(ms)
    return asked
  }
  const write = (values: readonly string[], partition = 0) =>
    cluster.append('orders', partition, batchOf({ values, timestamp: 1000 }))
  return { cluster, clock, consumer, records, next, write, events, lines }
}

/** The value of the record that `next` brought. */
export const valueOf = (asked: Awaited<ReturnType<ReturnType<typeof consumerOf>['next']>>) =>
  String(asked.value().value?.value)
