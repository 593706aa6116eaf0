import { errorName } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { makeTopics } from '../../../../packages/broker/src/handlers/create-topics.ts'
import { incrementalAlterConfigs } from '../../../../packages/broker/src/handlers/incremental-alter-configs.ts'
import { adminBroker } from '../../../support/admin-broker.ts'

interface Config {
  readonly name: string
  readonly configOperation: number
  readonly value: string | null
}

const set = (name: string, value: string | null): Config => ({ name, configOperation: 0, value })

const brokerWith = async () => {
  const broker = await adminBroker()
  await makeTopics(broker.parts, [
    { name: 'orders', numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] },
  ])
  const alter = async (resources: [number, string, Config[]][], validateOnly = false) => {
    const asked = resources.map(([resourceType, resourceName, configs]) => ({
      resourceType,
      resourceName,
      configs,
    }))
    const { responses } = await broker.ask(incrementalAlterConfigs, 1, {
      resources: asked,
      validateOnly,
    })
    return responses.map(({ errorCode }) => errorName(errorCode))
  }
  const ofTopic = () =>
    Object.fromEntries(broker.store.image.topics.byName.get('orders')?.configs ?? [])
  return { ...broker, alter, ofTopic }
}

describe('IncrementalAlterConfigs', () => {
  it('changes a topic and a broker, and both take effect before the answer', async () => {
    const { alter, ofTopic, parts } = await brokerWith()
    const errors = await alter([
      [2, 'orders', [set('retention.ms', '5')]],
      [4, '1', [set('message.max.bytes', '2000')]],
    ])
    expect(errors).toEqual(['NONE', 'NONE'])
    expect(ofTopic()).toEqual({ 'retention.ms': '5' })
    expect(parts.settings.int('message.max.bytes')).toBe(2000)
  })

  it('adds to a list and takes from it', async () => {
    const { alter, ofTopic } = await brokerWith()
    await alter([[2, 'orders', [{ name: 'cleanup.policy', configOperation: 2, value: 'compact' }]]])
    expect(ofTopic()).toEqual({ 'cleanup.policy': 'delete,compact' })
    await alter([[2, 'orders', [{ name: 'cleanup.policy', configOperation: 3, value: 'delete' }]]])
    expect(ofTopic()).toEqual({ 'cleanup.policy': 'compact' })
    await alter([[2, 'orders', [{ name: 'cleanup.policy', configOperation: 1, value: null }]]])
    expect(ofTopic()).toEqual({})
  })

  it.each([
    [2, 'orders', [set('nope', '1')], 'INVALID_CONFIG'],
    [2, 'orders', [set('retention.ms', null)], 'INVALID_CONFIG'],
    [2, 'orders', [set('flush.ms', '1'), set('flush.ms', '2')], 'INVALID_REQUEST'],
    [2, 'orders', [{ name: 'flush.ms', configOperation: 9, value: '1' }], 'INVALID_REQUEST'],
    [2, 'nope', [set('flush.ms', '1')], 'UNKNOWN_TOPIC_OR_PARTITION'],
    [2, '..', [set('flush.ms', '1')], 'INVALID_TOPIC_EXCEPTION'],
    [4, '1', [set('num.partitions', '2')], 'INVALID_CONFIG'],
    [
      4,
      '1',
      [set('sasl.jaas.config', 'com.sun.security.auth.module.JndiLoginModule required;')],
      'INVALID_CONFIG',
    ],
    [4, '1', [set('listener.name.x.ssl.keystore.location', '/etc/passwd')], 'INVALID_CONFIG'],
    [4, '1', [set('ssl.truststore.location', '/etc/passwd')], 'INVALID_CONFIG'],
    [4, '', [set('metric.reporters', 'org.example.Evil')], 'INVALID_CONFIG'],
    [
      4,
      '1',
      [set('sasl.oauthbearer.token.endpoint.url', 'http://169.254.169.254/')],
      'INVALID_CONFIG',
    ],
    [4, '2', [set('message.max.bytes', '1')], 'INVALID_REQUEST'],
    [8, '1', [set('root', 'DEBUG')], 'INVALID_REQUEST'],
    [32, 'g', [set('consumer.session.timeout.ms', '1')], 'INVALID_CONFIG'],
    [32, 'g', [set('consumer.session.timeout.ms', '46000')], 'NONE'],
  ] as [number, string, Config[], string][])(
    'answers type %i, %s, %j with %s',
    async (type, name, configs, error) => {
      const { alter } = await brokerWith()
      expect(await alter([[type, name, configs]])).toEqual([error])
    },
  )

  it('refuses a resource that is named twice', async () => {
    const { alter, ofTopic } = await brokerWith()
    const once: [number, string, Config[]] = [2, 'orders', [set('flush.ms', '1')]]
    expect(await alter([once, once])).toEqual(['INVALID_REQUEST', 'INVALID_REQUEST'])
    expect(ofTopic()).toEqual({})
  })

  it('changes nothing when it shall only validate', async () => {
    const { alter, ofTopic } = await brokerWith()
    expect(await alter([[2, 'orders', [set('flush.ms', '1')]]], true)).toEqual(['NONE'])
    expect(ofTopic()).toEqual({})
  })

  it('asks for permission', async () => {
    const { alter, forbid } = await brokerWith()
    forbid(permission => permission.startsWith('AlterConfigs'))
    expect(
      await alter([
        [2, 'orders', [set('flush.ms', '1')]],
        [4, '1', [set('message.max.bytes', '1')]],
        [32, 'g', [set('consumer.session.timeout.ms', '46000')]],
      ]),
    ).toEqual([
      'TOPIC_AUTHORIZATION_FAILED',
      'CLUSTER_AUTHORIZATION_FAILED',
      'GROUP_AUTHORIZATION_FAILED',
    ])
  })
})
