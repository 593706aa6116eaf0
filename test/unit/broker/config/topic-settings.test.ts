import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../../../packages/broker/src/config/load.ts'
import {
  logSettingsOf,
  topicSettingValue,
} from '../../../../packages/broker/src/config/topic-settings.ts'
import { applyAll } from '../../../../packages/broker/src/metadata/apply.ts'
import { RESOURCE_TYPE } from '../../../../packages/broker/src/metadata/change.ts'
import { emptyImage, type TopicImage } from '../../../../packages/broker/src/metadata/image.ts'

const settingsWith = (...overrides: string[]) => loadConfig({ overrides }).settings
const topic = (configs: { [name: string]: string } = {}, name = 'orders'): TopicImage => ({
  topicId: 'AAAAAAAAAAAAAAAAAAAAAg',
  name,
  partitions: [],
  configs: new Map(Object.entries(configs)),
})

describe('the settings of a topic', () => {
  it("are Kafka's where nobody said anything", () => {
    expect(logSettingsOf(topic(), settingsWith())).toMatchObject({
      segmentBytes: 1_073_741_824,
      segmentMs: 604_800_000,
      segmentJitterMs: 0,
      retentionMs: 604_800_000,
      retentionBytes: -1,
      maxMessageBytes: 1_048_588,
      cleanupPolicy: ['delete'],
      timestampType: 'CreateTime',
      timestampBeforeMaxMs: Number.MAX_SAFE_INTEGER,
      flushMessages: Number.MAX_SAFE_INTEGER,
      flushMs: Number.MAX_SAFE_INTEGER,
      flushMode: 'durable',
      minInsyncReplicas: 1,
      batchValidation: 'header',
      compressionType: 'producer',
    })
  })

  it("follow the strongest of the broker's: milliseconds over minutes over hours", () => {
    const retentionOf = (...overrides: string[]) =>
      logSettingsOf(topic(), settingsWith(...overrides)).retentionMs
    expect(retentionOf('log.retention.hours=2')).toBe(7_200_000)
    expect(retentionOf('log.retention.hours=2', 'log.retention.minutes=3')).toBe(180_000)
    expect(
      retentionOf('log.retention.hours=2', 'log.retention.minutes=3', 'log.retention.ms=4'),
    ).toBe(4)
    expect(retentionOf('log.retention.hours=-1')).toBe(-1)
  })

  it("are their own before the broker's", () => {
    const settings = settingsWith('log.retention.ms=4')
    const value = topicSettingValue('retention.ms', new Map([['retention.ms', '5']]), settings)
    expect(value.value).toBe('5')
    expect(value.layers.map(({ name, source }) => `${name} ${source}`)).toEqual([
      'retention.ms topic',
      'log.retention.ms given',
      'log.retention.hours default',
    ])
  })

  it('take no value that they would not accept today', () => {
    expect(logSettingsOf(topic({ 'retention.ms': 'soon' }), settingsWith()).retentionMs).toBe(
      604_800_000,
    )
  })

  it('keep internal topics durable, whatever the default', () => {
    const settings = settingsWith('flush.mode=relaxed')
    expect(logSettingsOf(topic(), settings).flushMode).toBe('relaxed')
    expect(logSettingsOf(topic({}, '__consumer_offsets'), settings).flushMode).toBe('durable')
  })

  it('follow what is changed on the broker at run time: its own over that of all', () => {
    const settings = settingsWith('log.segment.bytes=2000000')
    const change = (resourceName: string, value: string | null) =>
      ({
        type: 'ConfigRecord',
        resourceType: RESOURCE_TYPE.BROKER,
        resourceName,
        name: 'log.segment.bytes',
        value,
      }) as const
    let image = applyAll(emptyImage('c'), [change('', '3000000')])
    settings.follow(image)
    expect(logSettingsOf(topic(), settings).segmentBytes).toBe(3_000_000)
    image = applyAll(image, [change('1', '4000000')])
    settings.follow(image)
    expect(settings.int('log.segment.bytes')).toBe(4_000_000)
    settings.follow(applyAll(image, [change('', null), change('1', null)]))
    expect(settings.int('log.segment.bytes')).toBe(2_000_000)
  })
})
