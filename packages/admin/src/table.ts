import { printable } from './printable.ts'

/** What stands in place of a number that there is none of, or that is not known. */
const BLANKS: readonly (string | number | undefined)[] = ['-', '?']

/** Columns of text for people: as wide as the widest cell, two spaces between, numbers to the right. */
export function table(
  headings: readonly string[],
  rowsOfText: readonly (readonly (string | number)[])[],
): string {
  const rows = rowsOfText.map(row =>
    row.map(cell => (typeof cell === 'string' ? printable(cell) : cell)),
  )
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...rows.map(row => String(row[column] ?? '').length)),
  )
  const isNumeric = headings.map(
    (_, column) =>
      rows.some(row => typeof row[column] === 'number') &&
      rows.every(row => typeof row[column] === 'number' || BLANKS.includes(row[column])),
  )
  const line = (cells: readonly (string | number)[]) =>
    widths
      .map((width, column) => {
        const text = String(cells[column] ?? '')
        return isNumeric[column] ? text.padStart(width) : text.padEnd(width)
      })
      .join('  ')
      .trimEnd()
  return [headings, ...rows].map(row => `${line(row)}\n`).join('')
}
