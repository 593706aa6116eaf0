import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { InvalidPattern } from '../../packages/broker/src/coordinator/regex/invalid-pattern.ts'
import { compileTopicPattern } from '../../packages/broker/src/coordinator/regex/topic-pattern.ts'

const names = fc.array(
  fc.string({ unit: fc.constantFrom('a', 'b', '.', '-', '1', '_'), maxLength: 9 }),
  {
    maxLength: 8,
  },
)

/** Expressions that mean the same to RE2 and to JavaScript. */
const { expression } = fc.letrec<{ expression: string; piece: string }>(tie => ({
  piece: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom('a', 'b', '.', '\\.', '-', '[ab]', '[^a]', '[a-c.]', '\\d', '\\w', '\\W', 'ab'),
    tie('expression').map(inner => `(?:${inner})`),
    tie('expression').map(inner => `(${inner})`),
    fc
      .tuple(tie('expression'), fc.constantFrom('*', '+', '?', '*?', '+?', '{2}', '{0,2}', '{1,}'))
      .map(([inner, repeat]) => `(?:${inner})${repeat}`),
    fc.tuple(tie('expression'), tie('expression')).map(([one, other]) => `(?:${one}|${other})`),
  ),
  expression: fc.array(tie('piece'), { minLength: 1, maxLength: 3 }).map(pieces => pieces.join('')),
}))

describe('topic patterns', () => {
  it('match what JavaScript matches where both mean the same', () => {
    fc.assert(
      fc.property(expression, names, (source, candidates) => {
        const pattern = compileTopicPattern(source)
        const expected = new RegExp(`^(?:${source})$`)
        for (const name of candidates) expect(pattern.matches(name)).toBe(expected.test(name))
      }),
    )
  })

  it('are refused as invalid patterns or match without an error, whatever the source', () => {
    const fragments = fc.constantFrom(
      ...[
        '(',
        ')',
        '(?',
        '[',
        ']',
        '[^',
        '{',
        '}',
        '{1,',
        ',',
        '9',
        '*',
        '+',
        '?',
        '|',
        '\\',
        '^',
        '$',
      ],
      ...[
        '\\p',
        '\\pL',
        '\\Q',
        '\\E',
        '\\x{',
        'a',
        'z',
        '-',
        '.',
        ':',
        'P<n>',
        '\u00e9',
        '\ud835',
        '\0',
      ],
    )
    fc.assert(
      fc.property(fc.array(fragments, { maxLength: 30 }), names, (pieces, candidates) => {
        const pattern = compiledOrRefused(pieces.join(''))
        for (const name of candidates) expect(typeof pattern?.matches(name)).not.toBe('string')
      }),
    )
  })
})

function compiledOrRefused(source: string): ReturnType<typeof compileTopicPattern> | undefined {
  try {
    return compileTopicPattern(source)
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidPattern)
    return undefined
  }
}
