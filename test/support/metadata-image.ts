import { applyAll } from '../../packages/broker/src/metadata/apply.ts'
import type { MetadataChange } from '../../packages/broker/src/metadata/change.ts'
import { emptyImage, type MetadataImage } from '../../packages/broker/src/metadata/image.ts'

export const registration = (brokerId: number): MetadataChange => ({
  type: 'RegisterBrokerRecord',
  brokerId,
  incarnationId: 'AAAAAAAAAAAAAAAAAAAACQ',
  brokerEpoch: 0,
  endPoints: [],
  rack: null,
  logDirs: [],
})

/** The changes that make a topic whose partitions broker 1 leads; its id is its name, made 22 characters long. */
export const newTopic = (name: string, partitions = 1): MetadataChange[] => [
  { type: 'TopicRecord', name, topicId: topicIdOf(name) },
  ...Array.from({ length: partitions }, (_, partitionId) => ({
    type: 'PartitionRecord' as const,
    topicId: topicIdOf(name),
    partitionId,
    replicas: [1],
    isr: [1],
    leader: 1,
    leaderEpoch: 0,
    partitionEpoch: 0,
  })),
]

export const topicIdOf = (name: string): string =>
  `${name.replaceAll('.', '_')}${'A'.repeat(22)}`.slice(0, 22)

/** An image with one broker and what the changes make. */
export const imageWith = (...changes: MetadataChange[]): MetadataImage =>
  applyAll(emptyImage('MkU3OEVBNTcwNTJENDM2Qg'), [registration(1), ...changes])
