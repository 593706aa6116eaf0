import { describe, expect, it } from 'vitest'
import { BrokerSettings } from '../../../../packages/broker/src/config/broker-settings.ts'
import { applyAll } from '../../../../packages/broker/src/metadata/apply.ts'
import { emptyImage } from '../../../../packages/broker/src/metadata/image.ts'

const withDynamic = (resourceName: string, name: string, value: string) =>
  applyAll(emptyImage('c'), [{ type: 'ConfigRecord', resourceType: 4, resourceName, name, value }])

describe('the settings of a broker', () => {
  it("are what was given, else our default, else the table's", () => {
    const settings = new BrokerSettings(new Map([['num.partitions', '7']]))
    expect(settings.int('num.partitions')).toBe(7)
    expect(settings.int('offsets.topic.replication.factor')).toBe(1)
    expect(settings.int('offsets.topic.num.partitions')).toBe(50)
    expect(settings.boolean('auto.create.topics.enable')).toBe(true)
    expect(settings.list('process.roles')).toEqual(['broker', 'controller'])
    expect(settings.text('broker.rack')).toBeUndefined()
    expect([
      settings.isGiven('num.partitions'),
      settings.isGiven('node.id'),
      settings.isGiven('broker.rack'),
    ]).toEqual([true, false, false])
  })

  it('follow an image, and forget parsed values with it', () => {
    const settings = new BrokerSettings(new Map())
    expect(settings.int('max.connections')).toBe(2_147_483_647)
    settings.follow(withDynamic('', 'max.connections', '5'))
    expect(settings.int('max.connections')).toBe(5)
    settings.follow(withDynamic('2', 'max.connections', '6'))
    expect(settings.int('max.connections')).toBe(2_147_483_647)
  })

  it('take nothing at run time that may be set only at start, or that is no value', () => {
    const settings = new BrokerSettings(new Map())
    settings.follow(withDynamic('1', 'num.partitions', '5'))
    expect(settings.int('num.partitions')).toBe(1)
    settings.follow(withDynamic('1', 'max.connections', 'many'))
    expect(settings.int('max.connections')).toBe(2_147_483_647)
  })
})
