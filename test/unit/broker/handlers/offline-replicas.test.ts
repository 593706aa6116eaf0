import { expect, it } from 'vitest'
import type { BrokerParts } from '../../../../packages/broker/src/handlers/broker-parts.ts'
import { offlineReplicas } from '../../../../packages/broker/src/handlers/offline-replicas.ts'
import type { TopicImage } from '../../../../packages/broker/src/metadata/image.ts'

it('names the brokers that are gone, and this one when its log is offline', () => {
  const partition = { leader: 1, leaderEpoch: 0, replicas: [1, 2, 3], isr: [1], partitionEpoch: 0 }
  const topic: TopicImage = {
    topicId: 'x',
    name: 'a',
    partitions: [partition, partition],
    configs: new Map(),
  }
  const broker = {
    brokerId: 1,
    partitions: { getOpened: (_id: string, index: number) => ({ isOffline: index === 1 }) },
  } as unknown as BrokerParts
  const live = new Set([1, 2])
  expect(offlineReplicas(broker, { topic, partitionIndex: 0, live })).toEqual([3])
  expect(offlineReplicas(broker, { topic, partitionIndex: 1, live })).toEqual([1, 3])
})
