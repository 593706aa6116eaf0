import { expect, it } from 'vitest'
import { DraftMap } from '../../../../packages/broker/src/metadata/draft-map.ts'

it('leaves alone what it began as, and copies it once', () => {
  const before = new Map([['a', 1]])
  const draft = new DraftMap(before)
  expect(draft.map).toBe(before)
  draft.put('b', 2)
  const { map } = draft
  draft.put('a', undefined)
  expect(draft.map).toBe(map)
  expect([...draft.map]).toEqual([['b', 2]])
  expect([draft.get('b'), draft.has('a')]).toEqual([2, false])
  expect([...before]).toEqual([['a', 1]])
})
