/** What could steer a terminal, or turn the direction of a line around. */
const STEERING = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu

/** Text of one line that may hold what others chose, such as names of groups and clients: harmless to a terminal. */
export function printable(line: string): string {
  return line.replace(STEERING, escaped)
}

/** The same for lines. */
export function printableLines(text: string): string {
  return text.replace(STEERING, character => (character === '\n' ? character : escaped(character)))
}

/** As JSON has it, so that JSON stays JSON. */
function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}
