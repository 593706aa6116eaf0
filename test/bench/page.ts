/** A report as sections of a page, and the page that has places for them: between `<!-- bench:NAME -->` and `<!-- /bench:NAME -->`. */
import { readFileSync, writeFileSync } from 'node:fs'
import { plot } from './plot.ts'
import { type Curve, type Report, tables } from './report.ts'
import { asMarkdown } from './table.ts'
import { curveTable } from './whole-growth.ts'
import { latencyTable } from './whole-latency.ts'

/** What was measured for too short a time stands in no page. */
const NOWHERE = 'nowhere'
/** Which cases stand in which section; the first that fits takes them. */
const SECTIONS: readonly [string, RegExp][] = [
  [NOWHERE, /^short /],
  ['pinned', /, pinned/],
  ['fan-out', /^fan-out/],
  ['produce', /^produce /],
  ['fetch', /fetch /],
  ['durable', /^durable acks/],
  ['mixed', /^mixed load/],
  ['start', /./],
]

export type Sections = ReadonlyMap<string, string>

export function sectionsOf(report: Report): Sections {
  const sections = new Map<string, string>()
  const { date = '', commit = '', machine, rounds } = report
  const told = `${machine}; commit ${commit}, ${date}; medians of ${rounds} rounds.`
  for (const [section] of SECTIONS) {
    if (section === NOWHERE) continue
    const only = {
      ...report,
      rows: report.rows.filter(row => sectionOf(row.case) === section),
      ratios: report.ratios.filter(ratio => sectionOf(ratio.name) === section),
      figures: report.figures.filter(figure => sectionOf(figure.name) === section),
    }
    const { rows, ratios, figures } = tables(only)
    const all = [rows, ratios, figures].filter(table => table.length > 1)
    if (all.length > 0) sections.set(section, [told, ...all.map(asMarkdown)].join('\n\n'))
  }
  const { latencies = [], curves = [] } = report
  if (latencies.length > 0)
    sections.set('latency', `${told}\n\n${asMarkdown(latencyTable(latencies))}`)
  for (const [grows, own] of byGrowth(curves)) {
    const picture = `![${own[0]?.name}](performance-${grows}.svg)`
    sections.set(`growth-${grows}`, [told, asMarkdown(curveTable(own)), picture].join('\n\n'))
  }
  return sections
}

const sectionOf = (name: string): string =>
  SECTIONS.find(([, pattern]) => pattern.test(name))?.[0] ?? 'start'

export function asPage(sections: Sections): string {
  return [...sections].map(([name, text]) => `## ${name}\n\n${text}\n`).join('\n')
}

/** Puts what was measured into its places; what was not measured stays as it was. Gives the names that the page has no place for. */
export function writeInto(path: string, sections: Sections): string[] {
  let page = readFileSync(path, 'utf8')
  const homeless: string[] = []
  for (const [name, text] of sections) {
    const [open, close] = [`<!-- bench:${name} -->`, `<!-- /bench:${name} -->`]
    const from = page.indexOf(open)
    const to = page.indexOf(close)
    if (from < 0 || to < from) homeless.push(name)
    else page = `${page.slice(0, from + open.length)}\n\n${text}\n\n${page.slice(to)}`
  }
  writeFileSync(path, page)
  return homeless
}

/** One picture for each thing that grows, beside the page. */
export function writePlots(folder: string, curves: readonly Curve[]): void {
  for (const [grows, own] of byGrowth(curves))
    writeFileSync(`${folder}/performance-${grows}.svg`, plot(own))
}

function byGrowth(curves: readonly Curve[]): Map<string, Curve[]> {
  const grouped = new Map<string, Curve[]>()
  for (const curve of curves) grouped.set(curve.grows, [...(grouped.get(curve.grows) ?? []), curve])
  return grouped
}
