import { expect, it } from 'vitest'
import { loadConfig } from '../../../../packages/broker/src/config/load.ts'
import {
  brokerConfigEntries,
  clientMetricsConfigEntries,
  clusterDefaultEntries,
  groupConfigEntries,
  topicConfigEntries,
} from '../../../../packages/broker/src/handlers/config-entries.ts'

const { settings } = loadConfig({ overrides: ['log.flush.scheduler.interval.ms=9'] })

it('are in the order of their names, without internal ones', () => {
  for (const entries of [
    brokerConfigEntries(settings),
    topicConfigEntries(new Map(), settings),
    groupConfigEntries(new Map(), settings),
  ]) {
    const names = entries.map(({ name }) => name)
    expect(names).toEqual([...names].sort())
    expect(names.filter(name => name.startsWith('internal.'))).toEqual([])
    expect(entries.filter(({ documentation }) => documentation === '')).toEqual([])
  }
})

it('say where a value comes from: not from what stands in for it', () => {
  const entry = brokerConfigEntries(settings).find(({ name }) => name === 'log.flush.interval.ms')
  expect(entry).toMatchObject({ value: null, configSource: 5 })
  expect(entry?.synonyms[0]).toEqual({
    name: 'log.flush.scheduler.interval.ms',
    value: '9',
    source: 4,
  })
  const ofTopic = topicConfigEntries(new Map(), settings).find(({ name }) => name === 'flush.ms')
  expect(ofTopic).toMatchObject({ value: '9', configSource: 4 })
})

it('are, for all brokers, only what was set', () => {
  expect(clusterDefaultEntries(new Map([['max.connections', '5']]))).toMatchObject([
    { name: 'max.connections', value: '5', configSource: 3 },
  ])
})

it('list the defaults of the setting itself, and not of those that stand in for it', () => {
  const of = (entries: readonly { name: string; synonyms: readonly { name: string }[] }[]) =>
    Object.fromEntries(
      entries.map(({ name, synonyms }) => [name, synonyms.map(synonym => synonym.name)]),
    )
  const topic = of(topicConfigEntries(new Map(), settings))
  expect([topic['retention.ms'], topic['retention.bytes']]).toEqual([[], ['log.retention.bytes']])
  const broker = of(brokerConfigEntries(settings))
  expect(broker['log.retention.ms']).toEqual([])
  expect(broker['log.retention.hours']).toEqual(['log.retention.hours'])
  const session = 'consumer.session.timeout.ms'
  const group = (configs: [string, string][]) =>
    of(groupConfigEntries(new Map(configs), settings))[session]
  expect(group([])).toEqual([`group.${session}`])
  expect(group([[session, '50000']])).toEqual([session])
})

it('tell subscriptions to client metrics with their own source', () => {
  const [interval, match] = clientMetricsConfigEntries(new Map([['interval.ms', '1000']]))
  expect(interval).toMatchObject({ value: '1000', configSource: 7, configType: 3 })
  expect(match).toMatchObject({ value: '', configSource: 5, synonyms: [] })
})
