/** Where the figures beside others go: the terminal, a JSON file, a Markdown file, and their places in docs/performance.md. */
import { writeFileSync } from 'node:fs'
import { asPage, writeInto } from '../page.ts'
import { asMarkdown, asTable } from '../table.ts'

export interface Output {
  readonly json: string | undefined
  readonly markdown: string | undefined
  /** The page to write into, between the marks of the suite. */
  readonly page: string | undefined
}

export interface PeerTable {
  readonly title: string
  /** The first is the head. */
  readonly rows: readonly (readonly string[])[]
}

export interface Findings {
  /** Also the name of its place in the page. */
  readonly suite: 'kafka' | 'peers' | 'log'
  /** What a reader should know of the run. */
  readonly head: readonly string[]
  readonly tables: readonly PeerTable[]
  /** Everything, for programs. */
  readonly raw: object
}

export function putOut({ suite, head, tables, raw }: Findings, output: Output): void {
  const filled = tables.filter(({ rows }) => rows.length > 1)
  const texts = filled.map(({ title, rows }) => `${title}\n${asTable(rows)}`)
  console.log([head.join('\n'), ...texts].join('\n\n'))
  const { json, markdown, page } = output
  if (json !== undefined) {
    writeFileSync(json, `${JSON.stringify({ head, ...raw }, undefined, 2)}\n`)
  }
  const told = head.map(line => `- ${line}`).join('\n')
  const pieces = filled.map(({ title, rows }) => `**${title}**\n\n${asMarkdown(rows)}`)
  const sections = new Map([[suite, [told, ...pieces].join('\n\n')]])
  if (markdown !== undefined) writeFileSync(markdown, asPage(sections))
  if (page === undefined) return
  const homeless = writeInto(page, sections)
  if (homeless.length > 0) console.log(`${page} has no place for: ${homeless.join(', ')}`)
}
