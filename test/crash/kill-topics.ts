/** The topics of the kill proof: two that keep everything, and three that lose records by their settings, in small segments. */
import { CreateTopics } from '@varve/protocol'
import { memoryRandom } from '../../packages/broker/src/memory/random.ts'
import type { Random } from '../../packages/broker/src/world.ts'
import { RawConnection } from '../support/raw-connection.ts'
import { KillProducer } from './kill-producer.ts'
import { ShedPartition, type ShedRules } from './kill-shed.ts'

const CREATE_TOPICS_VERSION = 7
export const KEEPING = ['counted', 'plain'] as const
export const PARTITIONS = 3
const SHED_SEGMENT_BYTES = 32_000
const RETENTION_BYTES = 100_000
/** Some cleanings: tombstones are there after one round, and gone after another. */
const DELETE_RETENTION_MS = 2_000

/** With small segments a cleaning syncs more often than it reads: it would never be done with what comes as fast as it can. */
const REST_MS = 30

const bounds = { retentionBytes: RETENTION_BYTES, deleteRetentionMs: DELETE_RETENTION_MS }
const SHEDDING: readonly (ShedRules & { readonly partitions: number })[] = [
  { topic: 'compacted', partitions: 2, isCompacted: true, isRetained: false, ...bounds },
  { topic: 'retained', partitions: 2, isCompacted: false, isRetained: true, ...bounds },
  { topic: 'both', partitions: 1, isCompacted: true, isRetained: true, ...bounds },
]

export const createTopics = async (port: number): Promise<void> => {
  await using connection = await RawConnection.open({ host: '127.0.0.1', port })
  const keeping = KEEPING.map(name => ({
    ...{ name, numPartitions: PARTITIONS, replicationFactor: 1, assignments: [] },
    configs: [
      { name: 'segment.bytes', value: '3000000' },
      // The timestamps are numbers, and long past.
      { name: 'retention.ms', value: '-1' },
    ],
  }))
  const shedding = SHEDDING.map(rules => ({
    ...{ name: rules.topic, numPartitions: rules.partitions, replicationFactor: 1 },
    assignments: [],
    configs: Object.entries(configsOf(rules)).map(([name, value]) => ({ name, value })),
  }))
  const topics = [...keeping, ...shedding]
  const request = { topics, timeoutMs: 10_000, validateOnly: false }
  const response = await connection.request(CreateTopics, CREATE_TOPICS_VERSION, request)
  for (const { name, errorCode } of response.topics) {
    if (errorCode !== 0) throw new Error(`${name} could not be created: ${errorCode}`)
  }
}

const configsOf = ({ isCompacted, isRetained }: ShedRules): Readonly<Record<string, string>> => {
  const policies = [...(isCompacted ? ['compact'] : []), ...(isRetained ? ['delete'] : [])]
  return {
    'cleanup.policy': policies.join(),
    'internal.segment.bytes': `${SHED_SEGMENT_BYTES}`,
    'segment.ms': '1000',
    'file.delete.delay.ms': '50',
    'retention.ms': '-1',
    ...(isRetained ? { 'retention.bytes': `${RETENTION_BYTES}` } : {}),
    ...(isCompacted
      ? {
          'min.cleanable.dirty.ratio': '0.01',
          'delete.retention.ms': `${DELETE_RETENTION_MS}`,
        }
      : {}),
  }
}

/** On each partition of `counted` one idempotent producer, on each of `plain` two others, with either kind of acks. */
export const keepingProducers = (random: Random): KillProducer[] => {
  const producers: KillProducer[] = []
  for (let partition = 0; partition < PARTITIONS; partition += 1) {
    const own = { partition, random: memoryRandom(random.below(2 ** 31)) }
    const plain = { ...own, topic: 'plain', kind: 'plain' } as const
    producers.push(
      new KillProducer({
        ...own,
        name: `i${partition}`,
        topic: 'counted',
        acks: -1,
        kind: 'idempotent',
      }),
      new KillProducer({ ...plain, name: `a${partition}`, acks: -1 }),
      new KillProducer({ ...plain, name: `o${partition}`, acks: 1 }),
    )
  }
  return producers
}

/** Each partition that loses records has an idempotent producer to itself. */
export const shedPartitions = (random: Random): ShedPartition[] =>
  SHEDDING.flatMap(({ partitions, ...rules }) =>
    Array.from({ length: partitions }, (_, partition) => {
      const { topic } = rules
      const name = `${topic[0]}${partition}`
      const own = { name, topic, partition, random: memoryRandom(random.below(2 ** 31)) }
      const producer = new KillProducer({
        ...own,
        acks: -1,
        kind: 'idempotent',
        isKeyed: true,
        restMs: REST_MS,
      })
      return new ShedPartition(rules, producer)
    }),
  )
