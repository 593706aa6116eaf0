import { expect, it } from 'vitest'
import { namedTwice } from '../../../../packages/broker/src/handlers/named-twice.ts'

it('finds the names that come more than once', () => {
  expect(namedTwice(['a', 'b', 'a', 'c', 'a', 'c'])).toEqual(new Set(['a', 'c']))
})
