import { expect, it } from 'vitest'
import { byTopic } from '../../../../packages/client/src/cluster/by-topic.ts'

it('byTopic keeps topics and their items in the order in which they came', () => {
  const at = (topic: string, partition: number) => ({ topic, partition })
  expect(byTopic([at('b', 2), at('a', 0), at('b', 1)])).toEqual([
    ['b', [at('b', 2), at('b', 1)]],
    ['a', [at('a', 0)]],
  ])
  expect(byTopic([])).toEqual([])
})
