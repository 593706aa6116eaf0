import { expect, it } from 'vitest'
import {
  BROKER_SETTINGS,
  brokerSetting,
  brokerSynonymsOf,
  groupSetting,
  isBrokerSettingName,
  isGroupSettingName,
  isTopicSettingName,
  TOPIC_SETTINGS,
  topicSetting,
  topicSynonymsOf,
} from '../../../../packages/broker/src/config/settings-table.ts'

it('finds settings by names from outside, and only real ones', () => {
  expect(brokerSetting('log.retention.ms')).toBe(BROKER_SETTINGS['log.retention.ms'])
  expect(
    topicSetting('__proto__') ?? groupSetting('constructor') ?? brokerSetting('toString'),
  ).toBeUndefined()
  expect([
    isBrokerSettingName('retention.ms'),
    isTopicSettingName('retention.ms'),
    isGroupSettingName('x'),
  ]).toEqual([false, true, false])
})

it('knows for every topic setting only broker settings of a fitting type', () => {
  for (const [name, { type }] of Object.entries(TOPIC_SETTINGS)) {
    for (const synonym of topicSynonymsOf(name)) {
      const other = BROKER_SETTINGS[synonym].type
      expect([name, other === type || (type === 'LONG' && other === 'INT')]).toEqual([name, true])
    }
  }
})

it('knows what stands in for what', () => {
  expect(topicSynonymsOf('retention.ms')).toEqual([
    'log.retention.ms',
    'log.retention.minutes',
    'log.retention.hours',
  ])
  expect(brokerSynonymsOf('log.retention.hours')).toEqual(topicSynonymsOf('retention.ms'))
  expect(brokerSynonymsOf('num.partitions')).toEqual(['num.partitions'])
})
