import { describe, expect, it } from 'vitest'
import {
  compareIntegers,
  listItems,
  refusal,
} from '../../../../packages/broker/src/config/accepts.ts'
import { REQUIRED, type Setting } from '../../../../packages/broker/src/config/setting.ts'
import {
  BROKER_SETTINGS,
  GROUP_SETTINGS,
  TOPIC_SETTINGS,
} from '../../../../packages/broker/src/config/settings-table.ts'

const all: [string, Setting][] = [
  ...Object.entries(BROKER_SETTINGS),
  ...Object.entries(TOPIC_SETTINGS),
  ...Object.entries(GROUP_SETTINGS),
]

describe('accepting a value', () => {
  it('holds for the default of every setting', () => {
    const refused = all.filter(
      ([, setting]) =>
        setting.default !== null &&
        setting.default !== '' &&
        setting.default !== REQUIRED &&
        refusal(setting, setting.default) !== undefined,
    )
    expect(refused.map(([name]) => name)).toEqual([])
  })

  it.each([
    ['retention.ms', '-1', true],
    ['retention.ms', '-2', false],
    ['retention.ms', ' 5 ', true],
    ['retention.ms', '1e3', false],
    ['retention.ms', '', false],
    ['retention.ms', '9223372036854775807', true],
    ['retention.ms', '9223372036854775808', false],
    ['segment.bytes', '1048575', false],
    ['segment.bytes', '2147483648', false],
    ['min.cleanable.dirty.ratio', '0.25', true],
    ['min.cleanable.dirty.ratio', '1.01', false],
    ['min.cleanable.dirty.ratio', 'NaN', false],
    ['compression.gzip.level', '-1', true],
    ['compression.gzip.level', '0', false],
    ['compression.gzip.level', '9', true],
    ['cleanup.policy', 'compact, delete', true],
    ['cleanup.policy', '', true],
    ['cleanup.policy', 'compact,', false],
    ['message.timestamp.type', 'createtime', false],
    ['preallocate', 'TRUE', true],
    ['preallocate', '1', false],
    ['leader.replication.throttled.replicas', '0:1,1:2', true],
    ['leader.replication.throttled.replicas', 'x', false],
  ] as const)('%s = %j is %s', (name, value, isAccepted) => {
    expect(refusal(TOPIC_SETTINGS[name], value) === undefined).toBe(isAccepted)
  })

  it('knows durations and names without regard to case where the setting does', () => {
    const offsetReset = GROUP_SETTINGS['share.auto.offset.reset']
    expect(refusal(offsetReset, 'by_duration:PT10M')).toBeUndefined()
    expect(refusal(offsetReset, 'by_duration:soon')).toContain('one of latest, earliest')
    expect(refusal(BROKER_SETTINGS['group.consumer.migration.policy'], 'UpGrade')).toBeUndefined()
  })

  it('compares integers of any length by their digits', () => {
    const sorted = ['-100000000000000000000', '-2', '0', '+3', '0010', '9223372036854775807']
    for (const [index, one] of sorted.entries()) {
      for (const [other, another] of sorted.entries()) {
        expect(Math.sign(compareIntegers(one, another)) + 0).toBe(Math.sign(index - other))
      }
    }
  })

  it('reads a list with blanks around its items', () => {
    expect(listItems(' a , b,c ')).toEqual(['a', 'b', 'c'])
    expect(listItems('  ')).toEqual([])
  })
})
