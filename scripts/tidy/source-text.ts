/** A source without what is not code, for rules that read code: not a parser, but it knows where a string or comment begins and ends. */

interface Found {
  readonly end: number
  readonly isString: boolean
}

/** The code with comments and the insides of strings and regular expressions blanked; lines and columns stay. */
export function codeOnly(source: string): string {
  let code = ''
  let index = 0
  while (index < source.length) {
    const found = skipAt(source, index, code)
    if (found === undefined) {
      code += source[index]
      index += 1
    } else {
      code += blank(source.slice(index, found.end), found.isString)
      index = found.end
    }
  }
  return code
}

/** Blanked text keeps its line breaks, and a string its quotes, so that what stands before a `/` can still be told. */
function blank(text: string, isString: boolean): string {
  const blanked = text.replace(/[^\n]/g, ' ')
  return isString ? `'${blanked.slice(1, -1)}'` : blanked
}

function skipAt(source: string, index: number, before: string): Found | undefined {
  const two = source.slice(index, index + 2)
  if (two === '//') return { end: endAt(source.indexOf('\n', index), source), isString: false }
  if (two === '/*')
    return { end: endAt(source.indexOf('*/', index + 2) + 2, source), isString: false }
  const one = two[0]
  if (one === "'" || one === '"' || one === '`')
    return { end: closing(source, index), isString: true }
  if (one === '/' && startsRegularExpression(before)) {
    return { end: regularExpressionEnd(source, index), isString: true }
  }
  return undefined
}

const endAt = (position: number, source: string): number =>
  position < 2 ? source.length : position

/** The end of a string. A template counts as one string, with what its `${}` holds. */
function closing(source: string, start: number): number {
  const quote = source[start]
  let index = start + 1
  let depth = 0
  while (index < source.length) {
    const character = source[index]
    if (character === '\\') index += 1
    else if (quote === '`' && source.startsWith('${', index)) depth += 1
    else if (depth > 0 && character === '}') depth -= 1
    else if (depth > 0 && character === '`') index = closing(source, index) - 1
    else if (depth === 0 && character === quote) return index + 1
    else if (quote !== '`' && character === '\n') return index
    index += 1
  }
  return source.length
}

function startsRegularExpression(before: string): boolean {
  const last = before.trimEnd()
  return last === '' || /[(,=:[!&|?{};>]$/.test(last) || /\b(return|case)$/.test(last)
}

function regularExpressionEnd(source: string, start: number): number {
  let inClass = false
  for (let index = start + 1; index < source.length; index += 1) {
    const character = source[index]
    if (character === '\\') index += 1
    else if (character === '\n') return index
    else if (character === '[') inClass = true
    else if (character === ']') inClass = false
    else if (character === '/' && !inClass) return index + 1
  }
  return source.length
}

/** Where the module's `import` and `export ... from` statements point, as written. Type-only ones count: a layer is a direction of knowledge. */
export function importsOf(source: string): string[] {
  const statements = /^\s*(?:import|export)\b[^'"`;]*?from\s*['"]([^'"]+)['"]/gm
  const bare = /^\s*import\s*['"]([^'"]+)['"]/gm
  const dynamic = /\bimport\(\s*['"]([^'"]+)['"]\s*\)/g
  return [statements, bare, dynamic].flatMap(pattern =>
    [...source.matchAll(pattern)].map(match => match[1] ?? ''),
  )
}
