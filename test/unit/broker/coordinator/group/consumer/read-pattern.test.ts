import { describe, expect, it } from 'vitest'
import { readPattern } from '../../../../../../packages/broker/src/coordinator/group/consumer/read-pattern.ts'
import { InvalidPattern } from '../../../../../../packages/broker/src/coordinator/regex/invalid-pattern.ts'
import { PATTERN_LENGTH_MAX } from '../../../../../../packages/broker/src/coordinator/regex/topic-pattern.ts'

describe('the expression of a member', () => {
  it('matches whole names', () => {
    const pattern = readPattern('orders|users')
    if (pattern instanceof InvalidPattern) throw pattern
    expect(['orders', 'users', 'orders-2'].map(name => pattern.matches(name))).toEqual([
      ...[true, true, false],
    ])
  })

  it.each([
    ['is none', '('],
    ['looks ahead', 'a(?=b)'],
    ['is too long', 'a'.repeat(PATTERN_LENGTH_MAX + 1)],
  ])('that %s is told, not thrown', (_title, expression) => {
    expect(readPattern(expression)).toBeInstanceOf(InvalidPattern)
  })
})
