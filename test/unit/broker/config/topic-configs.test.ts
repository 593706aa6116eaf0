import { expect, it } from 'vitest'
import {
  combinationProblem,
  shortened,
  topicConfigProblem,
  topicConfigsProblem,
} from '../../../../packages/broker/src/config/topic-configs.ts'

it('says what is wrong with the settings of a topic', () => {
  expect(topicConfigProblem('retention.ms', '1')).toBeUndefined()
  expect(topicConfigProblem('retention.ms', 'soon')).toBe(
    'retention.ms has "soon"; expected an integer (64 bits), at least -1.',
  )
  expect(
    topicConfigsProblem([
      { name: 'flush.ms', value: '1' },
      { name: 'flush.ms', value: '2' },
    ]),
  ).toBe('The setting flush.ms is given twice.')
  expect(combinationProblem(new Map([['remote.storage.enable', 'TRUE']]))).toContain(
    'no remote storage',
  )
})

it('repeats only the beginning of a long text', () => {
  expect(shortened('x'.repeat(1000))).toHaveLength(103)
})
