import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sectionsOf, writeInto } from '../../bench/page.ts'

const row = {
  side: 'varve relaxed',
  perSecond: 1_000,
  unit: 'MB/s',
  serverCpuUs: 5,
  durability: 'cached',
}
const report = {
  ...{ machine: 'a machine', rounds: 5, figures: [] },
  rows: [
    { ...row, case: 'produce 64 KiB, 5 in flight' },
    { ...row, case: 'produce 64 KiB, 5 in flight, pinned' },
  ],
  ratios: [{ name: 'cold fetch from the disk', ratio: 0.7, aim: 0.6 }],
}

describe('the page of the bench', () => {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'varve-page-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it('has every case in its section', () => {
    const sections = sectionsOf(report)
    expect([...sections.keys()].sort()).toEqual(['fetch', 'pinned', 'produce'])
    expect(sections.get('produce')).toContain(
      '| produce 64 KiB, 5 in flight | varve relaxed | 1,000 MB/s |',
    )
    expect(sections.get('fetch')).toContain('| cold fetch from the disk | 0.70 |  | >= 0.6 | yes |')
  })

  it('has no place for what was measured for too short a time', () => {
    const figure = { name: 'short mixed load: errors', value: 0, unit: 'errors', aim: 0 }
    const sections = sectionsOf({ ...report, rows: [], ratios: [], figures: [figure] })
    expect([...sections.keys()]).toEqual([])
    const long = { ...figure, name: 'mixed load: errors' }
    const kept = sectionsOf({ ...report, rows: [], ratios: [], figures: [long] })
    expect([...kept.keys()]).toEqual(['mixed'])
  })

  it('has a place for each section of every suite', () => {
    const page = readFileSync('docs/performance.md', 'utf8')
    const whole = ['produce', 'fetch', 'pinned', 'durable', 'latency', 'fan-out', 'start']
    const growth = ['growth-partitions', 'growth-connections']
    for (const name of [...whole, ...growth, 'mixed', 'kafka', 'peers', 'log']) {
      const from = page.indexOf(`<!-- bench:${name} -->`)
      expect(from, name).toBeGreaterThan(0)
      expect(page.indexOf(`<!-- /bench:${name} -->`), name).toBeGreaterThan(from)
    }
  })

  it('is changed between the marks of what was measured, and nowhere else', () => {
    const path = join(folder, 'page.md')
    writeFileSync(path, 'a\n<!-- bench:produce -->\nold\n<!-- /bench:produce -->\nb\n')
    const sections = new Map([
      ['produce', 'new'],
      ['fetch', 'more'],
    ])
    expect(writeInto(path, sections)).toEqual(['fetch'])
    expect(writeInto(path, sections)).toEqual(['fetch'])
    expect(readFileSync(path, 'utf8')).toBe(
      'a\n<!-- bench:produce -->\n\nnew\n\n<!-- /bench:produce -->\nb\n',
    )
  })
})
