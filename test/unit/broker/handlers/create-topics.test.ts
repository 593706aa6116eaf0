import { errorName, ZERO_UUID } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { createTopics } from '../../../../packages/broker/src/handlers/create-topics.ts'
import { DiskError } from '../../../../packages/broker/src/world.ts'
import { adminBroker } from '../../../support/admin-broker.ts'

const topic = (name: string, changes: object = {}) => ({
  name,
  numPartitions: 1,
  replicationFactor: 1,
  assignments: [],
  configs: [],
  ...changes,
})

const create = async (topics: object[], changes: object = {}, overrides: string[] = []) => {
  const broker = await adminBroker(...overrides)
  const answer = await broker.ask(createTopics, 7, {
    topics,
    timeoutMs: 1,
    validateOnly: false,
    ...changes,
  })
  const errors = answer.topics.map(({ errorCode }) => errorName(errorCode))
  return { ...broker, answer, errors }
}

describe('CreateTopics', () => {
  it('creates a topic with its partitions and settings, and says what it is made of', async () => {
    const configs = [{ name: 'retention.ms', value: '5' }]
    const { answer, store } = await create([topic('orders', { numPartitions: 3, configs })])
    const [created] = answer.topics
    const image = store.image.topics.byName.get('orders')
    expect(created).toMatchObject({
      name: 'orders',
      errorCode: 0,
      topicId: image?.topicId,
      numPartitions: 3,
      replicationFactor: 1,
    })
    expect(
      image?.partitions.map(({ leader, leaderEpoch, isr }) => [leader, leaderEpoch, isr]),
    ).toEqual([
      [1, 0, [1]],
      [1, 0, [1]],
      [1, 0, [1]],
    ])
    const entry = (name: string) => created?.configs?.find(config => config.name === name)
    expect(entry('retention.ms')).toMatchObject({ value: '5', configSource: 1, isSensitive: false })
    expect(entry('segment.bytes')).toMatchObject({ value: '1073741824', configSource: 5 })
  })

  it('lists no settings of a topic that was not created', async () => {
    const { answer } = await create([topic('a/b')])
    expect(answer.topics[0]?.configs).toEqual([])
  })

  it('takes the defaults of the broker for -1', async () => {
    const { store } = await create([topic('a', { numPartitions: -1, replicationFactor: -1 })], {}, [
      'num.partitions=4',
    ])
    expect(store.image.topics.byName.get('a')?.partitions).toHaveLength(4)
  })

  it.each([
    ['..', {}, 'INVALID_TOPIC_EXCEPTION'],
    ['.', {}, 'INVALID_TOPIC_EXCEPTION'],
    ['', {}, 'INVALID_TOPIC_EXCEPTION'],
    ['a/b', {}, 'INVALID_TOPIC_EXCEPTION'],
    ['a\0b', {}, 'INVALID_TOPIC_EXCEPTION'],
    ['a\ufffdb', {}, 'INVALID_TOPIC_EXCEPTION'],
    ['a'.repeat(250), {}, 'INVALID_TOPIC_EXCEPTION'],
    ['a'.repeat(249), {}, 'NONE'],
    ['__cluster_metadata', {}, 'INVALID_TOPIC_EXCEPTION'],
    ['a', { numPartitions: 1_000_000 }, 'INVALID_PARTITIONS'],
    ['a', { numPartitions: 0 }, 'INVALID_PARTITIONS'],
    ['a', { numPartitions: -2 }, 'INVALID_PARTITIONS'],
    ['a', { replicationFactor: 32_767 }, 'INVALID_REPLICATION_FACTOR'],
    ['a', { replicationFactor: 2 }, 'INVALID_REPLICATION_FACTOR'],
    ['a', { replicationFactor: 0 }, 'INVALID_REPLICATION_FACTOR'],
    ['a', { assignments: [{ partitionIndex: 0, brokerIds: [1] }] }, 'INVALID_REQUEST'],
    ['a', { configs: [{ name: 'nope', value: '1' }] }, 'INVALID_CONFIG'],
    ['a', { configs: [{ name: 'sasl.jaas.config', value: 'x' }] }, 'INVALID_CONFIG'],
    ['a', { configs: [{ name: '__proto__', value: 'x' }] }, 'INVALID_CONFIG'],
    ['a', { configs: [{ name: 'retention.ms', value: null }] }, 'INVALID_CONFIG'],
    ['a', { configs: [{ name: 'retention.ms', value: 'soon' }] }, 'INVALID_CONFIG'],
    ['a', { configs: [{ name: 'remote.storage.enable', value: 'true' }] }, 'INVALID_CONFIG'],
  ] as const)('answers %j with %j by %s', async (name, changes, error) => {
    const { errors, store } = await create([topic(name, changes)])
    expect(errors).toEqual([error])
    expect(store.image.topics.byName.has(name)).toBe(error === 'NONE')
  })

  it.each([
    [
      [
        [0, [1]],
        [1, [1]],
      ],
      'NONE',
    ],
    [[[0, [1, 1]]], 'INVALID_REPLICA_ASSIGNMENT'],
    [[[0, [7]]], 'INVALID_REPLICA_ASSIGNMENT'],
    [[[0, []]], 'INVALID_REPLICA_ASSIGNMENT'],
    [[[1, [1]]], 'INVALID_REPLICA_ASSIGNMENT'],
    [
      [
        [0, [1]],
        [0, [1]],
      ],
      'INVALID_REPLICA_ASSIGNMENT',
    ],
  ] as [[number, number[]][], string][])(
    'judges replicas assigned by hand: %j is %s',
    async (all, error) => {
      const assignments = all.map(([partitionIndex, brokerIds]) => ({ partitionIndex, brokerIds }))
      const { errors } = await create([
        topic('a', { numPartitions: -1, replicationFactor: -1, assignments }),
      ])
      expect(errors).toEqual([error])
    },
  )

  it('refuses names that exist, collide, or come twice, and creates the others', async () => {
    const broker = await create([topic('a.b'), topic('a_b'), topic('c'), topic('c'), topic('d')])
    expect(broker.answer.topics.map(({ name, errorCode }) => [name, errorName(errorCode)])).toEqual(
      [
        ['a.b', 'NONE'],
        ['a_b', 'INVALID_TOPIC_EXCEPTION'],
        ['c', 'INVALID_REQUEST'],
        ['d', 'NONE'],
      ],
    )
    const again = await broker.ask(createTopics, 7, {
      topics: [topic('d'), topic('a_b')],
      timeoutMs: 1,
      validateOnly: false,
    })
    expect(again.topics.map(({ errorCode }) => errorName(errorCode))).toEqual([
      'TOPIC_ALREADY_EXISTS',
      'INVALID_TOPIC_EXCEPTION',
    ])
  })

  it('makes nothing when it shall only validate', async () => {
    const { answer, store } = await create([topic('orders')], { validateOnly: true })
    expect(answer.topics[0]).toMatchObject({ errorCode: 0, topicId: ZERO_UUID, numPartitions: 1 })
    expect(store.image.topics.byName.size).toBe(0)
  })

  it('bounds the partitions of all topics together', async () => {
    const { errors } = await create(
      [topic('a', { numPartitions: 3 }), topic('b', { numPartitions: 3 })],
      {},
      ['broker.partitions.max=5'],
    )
    expect(errors).toEqual(['NONE', 'POLICY_VIOLATION'])
  })

  it('asks for permission', async () => {
    const broker = await adminBroker()
    broker.forbid(
      permission => permission.startsWith('Create Cluster') || permission === 'Create Topic secret',
    )
    const answer = await broker.ask(createTopics, 7, {
      topics: [topic('secret'), topic('open')],
      timeoutMs: 1,
      validateOnly: false,
    })
    expect(answer.topics.map(({ errorCode }) => errorName(errorCode))).toEqual([
      'TOPIC_AUTHORIZATION_FAILED',
      'NONE',
    ])
  })

  it('answers a full disk with KAFKA_STORAGE_ERROR, and creates the topic once there is room', async () => {
    const broker = await adminBroker()
    const log = broker.store as unknown as { propose: unknown }
    const { propose } = log
    log.propose = () => Promise.reject(new DiskError('append to', '/data/x.log', 'ENOSPC'))
    const ask = () =>
      broker.ask(createTopics, 7, { topics: [topic('a')], timeoutMs: 1, validateOnly: false })
    expect((await ask()).topics.map(({ errorCode }) => errorName(errorCode))).toEqual([
      'KAFKA_STORAGE_ERROR',
    ])
    log.propose = propose
    expect((await ask()).topics.map(({ errorCode }) => errorName(errorCode))).toEqual(['NONE'])
  })

  it('lets many requests at once each have its way', async () => {
    const broker = await adminBroker()
    const names = Array.from({ length: 20 }, (_, index) => `t${index % 10}`)
    const answers = await Promise.all(
      names.map(name =>
        broker.ask(createTopics, 7, { topics: [topic(name)], timeoutMs: 1, validateOnly: false }),
      ),
    )
    const errors = answers.map(answer => errorName(answer.topics[0]?.errorCode ?? -1))
    expect(errors.filter(error => error === 'NONE')).toHaveLength(10)
    expect(errors.filter(error => error === 'TOPIC_ALREADY_EXISTS')).toHaveLength(10)
    expect(broker.store.image.topics.byName.size).toBe(10)
  })
})
