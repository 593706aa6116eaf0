/** What `\p{...}` weighs: a table of hundreds of ranges that is merged into others. */
const UNICODE_CLASS = 100

const COUNT = /\{(\d+)(?:,(\d*))?\}/y
const ESCAPE = /\\(?:([pP])(?:\{[^}]*\}|.)|x\{[^}]*\}|.)/sy
const BRACKETS = /\[\^?\]?(?:\\.|[^\]\\])*\]/sy
const UNICODE_CLASSES = /\\[pP]/g

/**
 * About how many instructions a regular expression compiles to, read off its text: one for each character that it spells out, once for each
 * repetition that it counts. It is no parser, and wrong by a few; what is far beyond a limit is so before any time is spent on compiling it.
 */
export function roughSizeOf(source: string): number {
  /** The sizes of the groups around, and of what comes before them there. */
  const around: number[] = []
  let size = 0
  /** Of the last element, which a count repeats. */
  let last = 0
  /** One bracket that is never closed says so of all after it, which then need not be tried. */
  let areClosed = true
  const add = (weight: number): void => {
    size += weight
    last = weight
  }
  for (let at = 0; at < source.length; ) {
    const escape = matchAt(ESCAPE, source, at)
    const isOpening = source[at] === '['
    const brackets = isOpening && areClosed ? matchAt(BRACKETS, source, at) : undefined
    if (isOpening && brackets === undefined) areClosed = false
    const count = matchAt(COUNT, source, at)
    const [text] = escape ?? brackets ?? count ?? [source.charAt(at)]
    at += text.length
    if (escape !== undefined) add(escape[1] === undefined ? 1 : UNICODE_CLASS)
    else if (brackets !== undefined) {
      add(1 + UNICODE_CLASS * (text.match(UNICODE_CLASSES)?.length ?? 0))
    } else if (count !== undefined) {
      const times = Math.max(Number(count[1]), Number(count[2] ?? 0), 1)
      size += last * (times - 1)
      last *= times
    } else if (text === '(') {
      around.push(size)
      size = 0
      last = 0
    } else if (text === ')') {
      const within = size
      size = around.pop() ?? 0
      add(within + 1)
    } else if ('*+?|'.includes(text)) size += 1
    else add(1)
  }
  return around.reduce((sum, before) => sum + before, size)
}

function matchAt(pattern: RegExp, source: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at
  return pattern.exec(source) ?? undefined
}
