import { describe, expect, it } from 'vitest'
import { roughSizeOf } from '../../../../../packages/broker/src/coordinator/regex/rough-size.ts'

describe('the rough size of a regular expression', () => {
  it.each([
    ['', 0],
    ['orders', 6],
    ['orders|bills', 12],
    ['a{3}', 3],
    ['a{3}b', 4],
    ['a{2,5}', 5],
    ['a{7,}', 7],
    ['a{0}', 1],
    ['(ab){100}', 300],
    ['((ab){10}c){10}', 320],
    ['[a-z]{50}', 50],
    ['[]]{50}', 50],
    ['[^]{9}]', 1],
    ['[a{9}]', 1],
    ['\\x{1000}', 1],
    ['\\{1000}', 6],
    ['a{,9}', 5],
    ['\\pL', 100],
    ['\\p{Greek}+', 101],
    ['[\\pL\\d\\PN]', 201],
    ['((((', 0],
    ['))', 2],
    ['[', 1],
    ['\\', 1],
  ])('of %s is %i', (source, size) => {
    expect(roughSizeOf(source)).toBe(size)
  })
})
