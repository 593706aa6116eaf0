import { expect, it } from 'vitest'
import {
  groupConfigProblem,
  groupSettingValue,
} from '../../../../packages/broker/src/config/group-configs.ts'
import { loadConfig } from '../../../../packages/broker/src/config/load.ts'

const { settings } = loadConfig({ overrides: ['group.consumer.session.timeout.ms=50000'] })

it("takes the broker's value where the group has none", () => {
  const value = (configs: [string, string][]) =>
    groupSettingValue('consumer.session.timeout.ms', new Map(configs), settings)
  expect(value([]).value).toBe('50000')
  const own = value([['consumer.session.timeout.ms', '46000']])
  expect(own.value).toBe('46000')
  expect(own.layers.map(({ source }) => source)).toEqual(['group', 'given', 'default'])
})

it('keeps a group within the bounds of the broker', () => {
  const problem = (value: string | null) =>
    groupConfigProblem('consumer.session.timeout.ms', value, settings)
  expect(problem('45000')).toBeUndefined()
  expect(problem('44999')).toContain('at least 45000')
  expect(problem('60001')).toContain('at most 60000')
  expect(problem('x')).toContain('expected an integer')
  expect(problem(null)).toContain('no value')
  expect(groupConfigProblem('retention.ms', '1', settings)).toBe(
    'There is no group setting retention.ms.',
  )
})
