import { expect, it } from 'vitest'
import { loadConfig } from '../../../../packages/broker/src/config/load.ts'
import {
  brokerConfigEntries,
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
