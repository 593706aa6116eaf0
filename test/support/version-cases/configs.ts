import {
  AlterConfigs,
  DescribeConfigs,
  IncrementalAlterConfigs,
  ListConfigResources,
} from '@varve/protocol'
import { expect } from 'vitest'
import { type At, casesOf, expectError, first } from './case.ts'

const TOPIC = 2
const BROKER = 4
const BROKER_LOGGER = 8
const CLIENT_METRICS = 16
const GROUP = 32

async function describe(
  at: At<typeof DescribeConfigs>,
  of: {
    readonly type: number
    readonly name: string
    readonly keys?: readonly string[] | null
    readonly includeDocumentation?: boolean
    readonly includeSynonyms?: boolean
  },
) {
  const { type: resourceType, name: resourceName, keys: configurationKeys = null } = of
  const { results } = await at.ask({
    resources: [{ resourceType, resourceName, configurationKeys }],
    includeSynonyms: of.includeSynonyms ?? false,
    ...(of.includeDocumentation === true ? { includeDocumentation: true } : {}),
  })
  expect(first(results)).toMatchObject({ resourceType, resourceName })
  return first(results)
}

export const describeConfigsCases = casesOf(DescribeConfigs, {
  'describes topics, brokers and groups': async at => {
    const { name } = await at.newTopic({ 'retention.ms': '1234' })
    for (const includeSynonyms of [true, false]) {
      const topic = await describe(at, { type: TOPIC, name, includeSynonyms })
      expect(topic).toMatchObject({ errorCode: 0, errorMessage: null })
      const retention = topic.configs.find(config => config.name === 'retention.ms')
      expect(retention).toMatchObject({
        ...{ value: '1234', configSource: 1, isSensitive: false, readOnly: false },
        configType: at.version < 3 ? 0 : 5,
      })
      expect(retention?.synonyms[0]?.value).toBe(includeSynonyms ? '1234' : undefined)
      if (at.version >= 3) expect(retention?.documentation).toBe(null)
    }
    const broker = await describe(at, { type: BROKER, name: '1' })
    expect([broker.errorCode, broker.configs.length > 50]).toEqual([0, true])
    const defaults = await describe(at, { type: BROKER, name: '' })
    expect(defaults).toMatchObject({ errorCode: 0 })
    const group = await describe(at, { type: GROUP, name: 'readers' })
    expect([group.errorCode, group.configs.length > 0]).toEqual([0, true])
    const metrics = await describe(at, { type: CLIENT_METRICS, name: 'all' })
    expect(metrics.configs.map(({ value }) => value)).toEqual(['300000', '', ''])
    const loggers = await describe(at, { type: BROKER_LOGGER, name: '1' })
    expect([loggers.errorCode, loggers.configs]).toEqual([0, []])
    expect((await at.ask({ resources: [], includeSynonyms: false })).results).toEqual([])
  },
  'describes what is asked for': async at => {
    const { name } = at.orders
    const asked = await describe(at, { type: TOPIC, name, keys: ['segment.ms', 'no.such'] })
    expect(asked.configs.map(config => config.name)).toEqual(['segment.ms'])
    expect((await describe(at, { type: TOPIC, name, keys: [] })).configs.length).toBeGreaterThan(9)
    if (at.version < 3) return
    const documented = { type: TOPIC, name, keys: ['segment.ms'], includeDocumentation: true }
    expect(first((await describe(at, documented)).configs).documentation).toMatch(/\w/)
  },
  'says why not': async at => {
    const refused = async (error: string, type: number, name: string) => {
      const answer = await describe(at, { type, name })
      expectError(answer.errorCode, error)
      expect(answer.errorMessage).toMatch(/\w/)
      expect(answer.configs).toEqual([])
    }
    await refused('UNKNOWN_TOPIC_OR_PARTITION', TOPIC, 'missing')
    await refused('INVALID_TOPIC_EXCEPTION', TOPIC, 'a/b')
    await refused('INVALID_REQUEST', BROKER, '9')
    await refused('INVALID_REQUEST', GROUP, '')
    await refused('INVALID_REQUEST', CLIENT_METRICS, '')
    await refused('INVALID_REQUEST', BROKER_LOGGER, '9')
    await refused('INVALID_REQUEST', 99, '1')
    at.deny(action => action.startsWith('DescribeConfigs'))
    await refused('TOPIC_AUTHORIZATION_FAILED', TOPIC, at.orders.name)
    await refused('GROUP_AUTHORIZATION_FAILED', GROUP, 'readers')
    await refused('CLUSTER_AUTHORIZATION_FAILED', BROKER, '1')
  },
})

interface Alteration {
  readonly type?: number
  readonly name: string
  readonly config?: readonly [string, string | null]
  readonly configOperation?: number
  readonly validateOnly?: boolean
}

type Alter = (
  alteration: Alteration,
  times?: number,
) => Promise<
  readonly {
    readonly errorCode: number
    readonly errorMessage: string | null
    readonly resourceType: number
    readonly resourceName: string
  }[]
>

const alterConfigs =
  (at: At<typeof AlterConfigs>): Alter =>
  async (alteration, times = 1) => {
    const { type = TOPIC, name: resourceName, config, validateOnly = false } = alteration
    const configs = config === undefined ? [] : [{ name: config[0], value: config[1] }]
    const resource = { resourceType: type, resourceName, configs }
    const resources = Array.from({ length: times }, () => resource)
    return (await at.ask({ resources, validateOnly })).responses
  }

const incrementalAlterConfigs =
  (at: At<typeof IncrementalAlterConfigs>): Alter =>
  async (alteration, times = 1) => {
    const { type = TOPIC, name: resourceName, config, validateOnly = false } = alteration
    const { configOperation = 0 } = alteration
    const configs =
      config === undefined ? [] : [{ name: config[0], value: config[1], configOperation }]
    const resource = { resourceType: type, resourceName, configs }
    const resources = Array.from({ length: times }, () => resource)
    return (await at.ask({ resources, validateOnly })).responses
  }

async function altersSettings(
  at: Pick<At<typeof AlterConfigs>, 'newTopic'>,
  alter: Alter,
): Promise<void> {
  const { name } = await at.newTopic()
  const altered = { errorCode: 0, errorMessage: null, resourceType: TOPIC, resourceName: name }
  const config = ['retention.ms', '1234'] as const
  expect(await alter({ name, config, validateOnly: true })).toEqual([altered])
  expect(await alter({ name, config })).toEqual([altered])
  expect(await alter({ name })).toEqual([altered])
  const group = ['consumer.session.timeout.ms', '50000'] as const
  expect(await alter({ type: GROUP, name: 'readers', config: group })).toMatchObject([
    { errorCode: 0, resourceType: GROUP },
  ])
  expect(await alter({ name }, 0)).toEqual([])
}

async function refusesSettings(
  at: Pick<At<typeof AlterConfigs>, 'deny' | 'orders'>,
  alter: Alter,
): Promise<void> {
  const { name } = at.orders
  const refused = async (error: string, alteration: Partial<Alteration>, times = 1) => {
    const answer = first(await alter({ name, ...alteration }, times))
    expectError(answer.errorCode, error)
    expect(answer.errorMessage).toMatch(/\w/)
  }
  await refused('UNKNOWN_TOPIC_OR_PARTITION', { name: 'missing' })
  await refused('INVALID_TOPIC_EXCEPTION', { name: 'a/b' })
  await refused('INVALID_CONFIG', { config: ['retention.ms', 'soon'] })
  await refused('INVALID_CONFIG', { config: ['retention.ms', null] })
  await refused('INVALID_CONFIG', { config: ['no.such', '1'] })
  await refused('INVALID_REQUEST', { type: BROKER, name: '9' })
  await refused('INVALID_REQUEST', { type: GROUP, name: '' })
  await refused('INVALID_REQUEST', { type: CLIENT_METRICS, name: '' })
  await refused('INVALID_REQUEST', { type: BROKER_LOGGER, name: '1' })
  await refused('INVALID_REQUEST', {}, 2)
  at.deny(action => action.startsWith('AlterConfigs'))
  await refused('TOPIC_AUTHORIZATION_FAILED', {})
  await refused('GROUP_AUTHORIZATION_FAILED', { type: GROUP })
  await refused('CLUSTER_AUTHORIZATION_FAILED', { type: BROKER })
}

export const alterConfigsCases = casesOf(AlterConfigs, {
  'alters settings': at => altersSettings(at, alterConfigs(at)),
  'says why not': at => refusesSettings(at, alterConfigs(at)),
})

export const incrementalAlterConfigsCases = casesOf(IncrementalAlterConfigs, {
  'alters settings': at => altersSettings(at, incrementalAlterConfigs(at)),
  'says why not': at => refusesSettings(at, incrementalAlterConfigs(at)),
  'sets, deletes, appends and subtracts': async at => {
    const { name } = await at.newTopic()
    const alter = incrementalAlterConfigs(at)
    const policy = (value: string | null, configOperation: number) =>
      alter({ name, config: ['cleanup.policy', value], configOperation })
    expectError(first(await policy('compact', 2)).errorCode, 'NONE')
    expectError(first(await policy('compact', 3)).errorCode, 'NONE')
    expectError(first(await policy(null, 1)).errorCode, 'NONE')
    expectError(first(await policy('delete', 9)).errorCode, 'INVALID_REQUEST')
  },
})

export const listConfigResourcesCases = casesOf(ListConfigResources, {
  'lists what has settings': async at => {
    const all = await at.ask({})
    expectError(all.errorCode, 'NONE')
    const orders = { resourceName: at.orders.name, resourceType: TOPIC }
    if (at.version < 1) expect(all.configResources).toEqual([])
    else expect(all.configResources).toContainEqual(orders)
  },
  'lists what is asked for': {
    since: 1,
    run: async at => {
      const brokers = await at.ask({ resourceTypes: [BROKER, BROKER] })
      expect(brokers.configResources).toEqual([{ resourceName: '1', resourceType: BROKER }])
      const metrics = await at.ask({ resourceTypes: [CLIENT_METRICS] })
      expect(metrics).toMatchObject({ errorCode: 0, configResources: [] })
      const unknown = await at.ask({ resourceTypes: [99] })
      expectError(unknown.errorCode, 'UNSUPPORTED_VERSION')
    },
  },
  'asks whether the client may': async at => {
    at.deny(action => action.startsWith('DescribeConfigs'))
    const answer = await at.ask({})
    expectError(answer.errorCode, 'CLUSTER_AUTHORIZATION_FAILED')
    expect(answer.configResources).toEqual([])
  },
})
