/** Java's properties format, as `server.properties` is written: comments, three separators, escapes, continued lines. */
import { ConfigError } from './config-error.ts'

/** The entries of a properties text; a key given twice holds its last value. Throws `ConfigError` for a malformed `\u` escape. */
export function parseProperties(text: string): Map<string, string> {
  const entries = new Map<string, string>()
  for (const line of logicalLines(text)) {
    const keyEnd = endOfKey(line)
    const key = unescaped(line.slice(0, keyEnd))
    const value = line.slice(keyEnd).replace(/^[ \t\f]*[=:]?[ \t\f]*/, '')
    entries.set(key, unescaped(value))
  }
  return entries
}

/** Lines without comments and blank ones, a line that ends with a backslash joined with the next. */
function* logicalLines(text: string): Generator<string> {
  let begun = ''
  let isContinued = false
  for (const natural of text.replace(/^\uFEFF/, '').split(/\r\n|\r|\n/)) {
    const line = natural.replace(/^[ \t\f]+/, '')
    // A comment is a comment only where a line begins; a blank line ends what was continued.
    if (!isContinued && (line === '' || line.startsWith('#') || line.startsWith('!'))) continue
    isContinued = endsWithOddBackslashes(line)
    begun += isContinued ? line.slice(0, -1) : line
    if (isContinued) continue
    if (begun !== '') yield begun
    begun = ''
  }
  if (begun !== '') yield begun
}

function endsWithOddBackslashes(line: string): boolean {
  const backslashes = /\\+$/.exec(line)?.[0].length ?? 0
  return backslashes % 2 === 1
}

/** The first unescaped separator. */
function endOfKey(line: string): number {
  for (let index = 0; index < line.length; index++) {
    const character = line[index]
    if (character === '\\') index++
    else if (character !== undefined && '=: \t\f'.includes(character)) return index
  }
  return line.length
}

const escapes: ReadonlyMap<string, string> = new Map([
  ['t', '\t'],
  ['n', '\n'],
  ['r', '\r'],
  ['f', '\f'],
])

function unescaped(text: string): string {
  if (!text.includes('\\')) return text
  return text.replace(
    /\\(?:u([0-9a-fA-F]{4})|([^]))/g,
    (_whole, hex?: string, character?: string) => {
      if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16))
      if (character === 'u')
        throw new ConfigError(`${text} holds a \\u escape without four hexadecimal digits.`)
      return escapes.get(character ?? '') ?? character ?? ''
    },
  )
}
