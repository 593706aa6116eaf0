import { describe, expect, it } from 'vitest'
import { InvalidPattern } from '../../../../../packages/broker/src/coordinator/regex/invalid-pattern.ts'
import {
  compileTopicPattern,
  PATTERN_LENGTH_MAX,
} from '../../../../../packages/broker/src/coordinator/regex/topic-pattern.ts'
import { runToEnd } from '../../../../../packages/broker/src/coordinator/slices.ts'

const matches = (source: string, name: string) => compileTopicPattern(source).matches(name)

/** The sentence with which the expression is refused. */
function refusal(source: string): string {
  try {
    compileTopicPattern(source)
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidPattern)
    return (error as InvalidPattern).message
  }
  throw new Error(`${source} was accepted`)
}

describe('a topic pattern', () => {
  it('matches whole names', () => {
    expect(matches('orders', 'orders')).toBe(true)
    expect(matches('orders', 'orders.eu')).toBe(false)
    expect(matches('a|ab', 'ab')).toBe(true)
    expect(matches('^orders\\..*$', 'orders.eu')).toBe(true)
    expect(matches('^orders\\..*$', 'my.orders.eu')).toBe(false)
    expect(matches('', 'orders')).toBe(false)
  })

  it("speaks RE2's syntax", () => {
    expect(matches('(?i)ORDERS-\\d{1,3}', 'orders-12')).toBe(true)
    expect(matches('(?P<team>[[:alpha:]]+)\\.\\pL+', 'red.orders')).toBe(true)
    expect(matches('\\Qa.b\\E', 'a.b')).toBe(true)
    expect(matches('\\Qa.b\\E', 'axb')).toBe(false)
  })

  it.each([
    ['(a', 'missing closing )'],
    ['[a', 'missing closing ]'],
    ['*', 'missing argument to repetition operator'],
    ['(a)\\1', 'invalid escape sequence'],
    ['a(?=b)', 'unsupported Perl syntax'],
    ['(?<!a)b', 'invalid named capture'],
    ['(a{99}){99}', 'invalid repeat count'],
  ])('refuses %s in a sentence', (source, reason) => {
    const sentence = refusal(source)
    expect(sentence).toContain(reason)
    expect(sentence).toContain(JSON.stringify(source))
    expect(sentence).toMatch(/^The regular expression .*\.$/)
  })

  it('refuses what is too long, and does not repeat it', () => {
    const sentence = refusal('a'.repeat(PATTERN_LENGTH_MAX + 1))
    expect(sentence).toContain('has 4097 characters; at most 4096 are allowed.')
    expect(sentence.length).toBeLessThan(250)
  })

  it('refuses what compiles to too much', () => {
    expect(refusal('(?:a{31}b?){31}')).toContain('is too large')
    expect(refusal('x{9}'.repeat(1000))).toContain('at most 1000 are allowed')
    expect(refusal('x{1000}'.repeat(585))).toContain('compiles to about 585000 instructions')
    expect(refusal('((a{1000}){1000}){1000}')).toContain('is too large')
    expect(refusal(`${'('.repeat(1500)}a${')'.repeat(1500)}`)).toContain('nests too deeply')
  })

  it('takes one look at each character, whatever the expression', () => {
    const hostile = `${'a'.repeat(248)}!`
    for (const source of ['(a+)+$', '(a|a)*', '(a|aa)+', '(.*)*(.*)*=', '(?:a?){200}a{200}'])
      for (let cut = 0; cut < 40; cut++) expect(matches(source, hostile.slice(cut))).toBe(false)
  })

  it('finds the names that match, in slices', () => {
    const names = Array.from({ length: 10_000 }, (_, index) => `topic-${String(index)}`)
    const matching = compileTopicPattern('topic-\\d*7').matching(names)
    let slices = 1
    let last = matching.next()
    for (; last.done !== true; last = matching.next()) slices += 1
    expect(last.value).toHaveLength(1000)
    expect(slices).toBeGreaterThan(3)
    expect(runToEnd(compileTopicPattern('none').matching(names))).toEqual([])
  })

  it('stops after each name when the expression is as large as it may be', () => {
    const names = Array.from({ length: 20 }, () => 'a'.repeat(249))
    const slices = [...compileTopicPattern('(?:[ab]{0,21}){0,21}c').matching(names)]
    expect(slices.length).toBeGreaterThan(10)
  })
})
