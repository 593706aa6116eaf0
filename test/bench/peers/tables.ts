/** Tables that are read in a terminal, and in a page. */
export interface Table {
  readonly title: string
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

export function tableAsText({ title, head, rows }: Table): string {
  const all = [head, ...rows]
  const widths = head.map((_, column) => Math.max(...all.map(row => row[column]?.length ?? 0)))
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd()
  return [title, ...all.map(line)].join('\n')
}

export function tableAsMarkdown({ title, head, rows }: Table): string {
  const line = (row: readonly string[]): string => `| ${row.join(' | ')} |`
  const all = [line(head), line(head.map(() => '---')), ...rows.map(line)]
  return [`**${title}**`, '', ...all].join('\n')
}

/** Three significant digits below a thousand, whole numbers above. */
export function amount(value: number): string {
  if (Number.isNaN(value)) return '-'
  return value >= 1_000 ? Math.round(value).toLocaleString('en-US') : value.toPrecision(3)
}
