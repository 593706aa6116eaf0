import { describe, expect, it } from 'vitest'
import {
  brokerConfigProblem,
  isAlterable,
} from '../../../../packages/broker/src/config/dynamic-broker-configs.ts'
import { BROKER_SETTINGS } from '../../../../packages/broker/src/config/settings-table.ts'

describe('changing a broker at run time', () => {
  it('is for values that Kafka lets change', () => {
    expect(brokerConfigProblem('log.retention.ms', '5', 'cluster')).toBeUndefined()
    expect(brokerConfigProblem('leader.replication.throttled.rate', '5', 'broker')).toBeUndefined()
    expect(brokerConfigProblem('leader.replication.throttled.rate', '5', 'cluster')).toContain(
      'for one broker',
    )
    expect(brokerConfigProblem('num.partitions', '5', 'broker')).toContain('only by a restart')
    expect(brokerConfigProblem('log.retention.ms', 'soon', 'broker')).toContain(
      'expected an integer',
    )
    expect(brokerConfigProblem('log.retention.ms', null, 'broker')).toContain('has no value')
    expect(brokerConfigProblem('no.such', '5', 'broker')).toBe(
      'There is no broker setting no.such.',
    )
  })

  it('is never for files, classes, addresses or credentials', () => {
    const alterable = Object.entries(BROKER_SETTINGS)
      .filter(([name, setting]) => isAlterable(name, setting, 'broker'))
      .map(([name]) => name)
    expect(
      alterable.filter(name =>
        /ssl|sasl|listener|class|provider|reporter|url|path|location|dir/.test(name),
      ),
    ).toEqual([])
    expect(alterable.filter(name => name.includes('password') || name.includes('secret'))).toEqual(
      [],
    )
    expect(alterable.length).toBeGreaterThan(40)
  })
})
