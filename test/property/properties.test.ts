import fc from 'fast-check'
import { expect, it } from 'vitest'
import { parseProperties } from '../../packages/broker/src/config/properties.ts'

/** Writes as Java's `Properties.store` does: everything that might mean something is escaped. */
const escaped = (text: string): string =>
  [...text]
    .map(character => {
      const code = character.charCodeAt(0)
      if (character.length > 1 || code < 0x20 || code > 0x7e) {
        return [...Array(character.length).keys()]
          .map(index => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`)
          .join('')
      }
      return '=:# !\\'.includes(character) ? `\\${character}` : character
    })
    .join('')

it('reads what Java writes', () => {
  const entries = fc.array(
    fc.tuple(fc.string({ unit: 'binary', minLength: 1 }), fc.string({ unit: 'binary' })),
  )
  fc.assert(
    fc.property(
      entries,
      fc.constantFrom('\n', '\r\n', '\r'),
      fc.constantFrom('=', ':', ' = '),
      (all, end, separator) => {
        const text = all
          .map(([key, value]) => `${escaped(key)}${separator}${escaped(value)}`)
          .join(end)
        expect(parseProperties(text)).toEqual(new Map(all))
      },
    ),
  )
})

it('reads any text or refuses it with a sentence', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('\\', 'u', '\n', '\r', '=', ' ', '#', 'a', '0') }),
      text => {
        try {
          parseProperties(text)
        } catch (error) {
          expect(String(error)).toMatch(/^ConfigError: .*\.$/s)
        }
      },
    ),
  )
})
