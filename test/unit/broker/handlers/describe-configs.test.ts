import { errorName } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { makeTopics } from '../../../../packages/broker/src/handlers/create-topics.ts'
import { describeConfigs } from '../../../../packages/broker/src/handlers/describe-configs.ts'
import { incrementalAlterConfigs } from '../../../../packages/broker/src/handlers/incremental-alter-configs.ts'
import { adminBroker } from '../../../support/admin-broker.ts'

const brokerWith = async (...overrides: string[]) => {
  const broker = await adminBroker(...overrides)
  await makeTopics(broker.parts, [
    {
      name: 'orders',
      numPartitions: 1,
      replicationFactor: 1,
      assignments: [],
      configs: [{ name: 'retention.ms', value: '5' }],
    },
  ])
  const of = async (
    resourceType: number,
    resourceName: string,
    changes: {
      keys?: string[] | null
      includeSynonyms?: boolean
      includeDocumentation?: boolean
    } = {},
  ) => {
    const { keys = null, includeSynonyms = true, includeDocumentation = false } = changes
    const resources = [{ resourceType, resourceName, configurationKeys: keys }]
    const { results } = await broker.ask(describeConfigs, 4, {
      resources,
      includeSynonyms,
      includeDocumentation,
    })
    const [result] = results
    const entry = (name: string) => result?.configs.find(config => config.name === name)
    return {
      error: errorName(result?.errorCode ?? -1),
      names: result?.configs.map(({ name }) => name) ?? [],
      entry,
    }
  }
  const set = (resourceType: number, resourceName: string, name: string, value: string) =>
    broker.ask(incrementalAlterConfigs, 1, {
      resources: [{ resourceType, resourceName, configs: [{ name, configOperation: 0, value }] }],
      validateOnly: false,
    })
  return { ...broker, of, set }
}

describe('DescribeConfigs', () => {
  it('shows every setting of a topic but internal ones, each with what is behind it', async () => {
    const { of } = await brokerWith('log.retention.hours=2')
    const { names, entry } = await of(2, 'orders')
    expect(names).toHaveLength(33 + 3)
    expect(names).not.toContain('internal.segment.bytes')
    expect(entry('retention.ms')).toEqual({
      name: 'retention.ms',
      value: '5',
      readOnly: false,
      configSource: 1,
      isSensitive: false,
      synonyms: [
        { name: 'retention.ms', value: '5', source: 1 },
        { name: 'log.retention.hours', value: '2', source: 4 },
      ],
      configType: 5,
      documentation: null,
    })
    expect(entry('flush.mode')).toMatchObject({ value: 'durable', configSource: 5, configType: 2 })
    expect(entry('max.compaction.lag.ms')).toMatchObject({ value: '9223372036854775807' })
  })

  it('gives the keys that were asked for, and all for null or an empty list', async () => {
    const { of } = await brokerWith()
    expect((await of(2, 'orders', { keys: ['retention.ms', 'nope'] })).names).toEqual([
      'retention.ms',
    ])
    expect((await of(2, 'orders', { keys: [] })).names.length).toBeGreaterThan(30)
  })

  it('adds synonyms and documentation only when asked', async () => {
    const { of } = await brokerWith()
    const plain = await of(2, 'orders', { includeSynonyms: false })
    expect(plain.entry('retention.ms')).toMatchObject({ synonyms: [], documentation: null })
    const told = await of(2, 'orders', { includeDocumentation: true })
    expect(told.entry('retention.ms')?.documentation).toBe('Age limit; -1 = none.')
  })

  it('shows a broker with sources and what may be changed, and never a secret', async () => {
    const { of, set } = await brokerWith('num.partitions=3', 'ssl.key.password=hunter2')
    await set(4, '', 'log.retention.ms', '7')
    await set(4, '1', 'log.retention.ms', '8')
    const { entry } = await of(4, '1')
    expect(entry('num.partitions')).toMatchObject({ value: '3', readOnly: true, configSource: 4 })
    expect(entry('ssl.key.password')).toMatchObject({
      value: null,
      isSensitive: true,
      readOnly: true,
    })
    expect(entry('ssl.key.password')?.synonyms).toEqual([
      { name: 'ssl.key.password', value: null, source: 4 },
    ])
    expect(entry('log.retention.ms')).toMatchObject({
      value: '8',
      readOnly: false,
      configSource: 2,
    })
    expect(entry('log.retention.ms')?.synonyms?.map(({ source }) => source)).toEqual([2, 3, 5])
    expect(entry('log.retention.hours')).toMatchObject({ value: '168', configSource: 5 })
    const defaults = await of(4, '')
    expect(defaults.names).toEqual(['log.retention.ms'])
    expect(defaults.entry('log.retention.ms')).toMatchObject({ value: '7', configSource: 3 })
  })

  it('shows a group', async () => {
    const { of, set } = await brokerWith()
    await set(32, 'billing', 'consumer.session.timeout.ms', '50000')
    const { entry } = await of(32, 'billing')
    expect(entry('consumer.session.timeout.ms')).toMatchObject({ value: '50000', configSource: 8 })
    expect(entry('consumer.heartbeat.interval.ms')).toMatchObject({
      value: '5000',
      configSource: 5,
    })
  })

  it.each([
    [2, 'nope', 'UNKNOWN_TOPIC_OR_PARTITION'],
    [2, '../etc', 'INVALID_TOPIC_EXCEPTION'],
    [4, '2', 'INVALID_REQUEST'],
    [4, 'x', 'INVALID_REQUEST'],
    [16, 'x', 'NONE'],
    [16, '', 'INVALID_REQUEST'],
    [8, '1', 'NONE'],
    [8, '2', 'INVALID_REQUEST'],
    [99, 'x', 'INVALID_REQUEST'],
    [32, '', 'INVALID_REQUEST'],
    [99, 'x', 'INVALID_REQUEST'],
  ] as const)('answers type %i with name %j by %s', async (resourceType, resourceName, error) => {
    const { of } = await brokerWith()
    expect((await of(resourceType, resourceName)).error).toBe(error)
  })

  it('asks for permission', async () => {
    const { of, forbid } = await brokerWith()
    forbid(permission => permission.startsWith('DescribeConfigs'))
    expect((await of(2, 'orders')).error).toBe('TOPIC_AUTHORIZATION_FAILED')
    expect((await of(4, '1')).error).toBe('CLUSTER_AUTHORIZATION_FAILED')
    expect((await of(32, 'g')).error).toBe('GROUP_AUTHORIZATION_FAILED')
  })
})
