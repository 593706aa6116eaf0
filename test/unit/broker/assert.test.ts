import { expect, it } from 'vitest'
import { AssertionError, assert } from '../../../packages/broker/src/assert.ts'

it('a belief that is true is nothing to speak of', () => {
  expect(() => assert(true, 'L2: the high watermark never goes back.')).not.toThrow()
})

it('a belief that is false is an error of its own kind, which says what was believed', () => {
  const broken = () => assert(false, 'L2: the high watermark never goes back.')
  expect(broken).toThrow(AssertionError)
  expect(broken).toThrow('L2: the high watermark never goes back.')
})
