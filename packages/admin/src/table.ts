/** Columns of text for people: as wide as the widest cell, two spaces between, numbers to the right. */
export function table(
  headings: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): string {
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...rows.map(row => String(row[column] ?? '').length)),
  )
  const isNumeric = headings.map(
    (_, column) => rows.length > 0 && rows.every(row => typeof row[column] === 'number'),
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
