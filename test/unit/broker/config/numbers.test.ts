import { expect, it } from 'vitest'
import { saturated, scaled } from '../../../../packages/broker/src/config/numbers.ts'

it('holds what fits and saturates the rest', () => {
  expect(saturated(' -1 ')).toBe(-1)
  expect(saturated('9223372036854775807')).toBe(Number.MAX_SAFE_INTEGER)
  expect(saturated('-9223372036854775808')).toBe(Number.MIN_SAFE_INTEGER)
  expect(saturated('1.7976931348623157E308')).toBe(Number.MAX_SAFE_INTEGER)
})

it('scales as text, without exponents', () => {
  expect(scaled('168', 3_600_000)).toBe('604800000')
  expect(scaled('2147483647', 3_600_000)).toBe('7730941129200000')
})
