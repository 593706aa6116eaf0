/** `npm run bench -- codec [--quick] [--json FILE] [--only CASE]`: the codecs beside what they are held against, in one run. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Bench } from 'tinybench'
import { type CodecCase, codecCases } from './codec-cases.ts'
import { codecPeers } from './codec-peers.ts'
import { asText, type Figure, median, missed, type Ratio, type Report, type Row } from './report.ts'

const IMPORT_AIM_MS = 25
/** Short work is done this long in one sample, so that the clock's own cost does not count. */
const SAMPLE_MS = 0.2

export interface CodecBenchOptions {
  readonly rounds: number
  readonly sampleMs: number
  readonly only: string | undefined
  readonly json: string | undefined
}

/** Measures every case and prints the figures; false when an aim was missed. */
export const benchCodecs = async (options: CodecBenchOptions): Promise<boolean> => {
  const { rounds, only, json } = options
  const cases = codecCases(await codecPeers())
  const rows: Row[] = []
  const ratios: Ratio[] = []
  for (const each of cases) {
    if (only !== undefined && !each.name.includes(only)) continue
    const measured = await measure(each, options)
    rows.push(...measured.rows)
    ratios.push(...measured.ratios)
  }
  const report: Report = {
    machine: `${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}`,
    ...{ rounds, rows, ratios },
    figures: only === undefined ? [importFigure(rounds)] : [],
  }
  console.log(asText(report))
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(report, undefined, 2)}\n`)
  const short = missed(report)
  console.log(short.length === 0 ? '\nAll aims were met.' : `\nMissed: ${short.join(', ')}`)
  return short.length === 0
}

/** The sides take turns, round by round, so that a busy neighbour meets all of them. */
const measure = async (
  { name, units, unit, sides, aims }: CodecCase,
  { rounds, sampleMs }: CodecBenchOptions,
): Promise<{ rows: Row[]; ratios: Ratio[] }> => {
  const repeats = new Map<string, number>()
  for (const side of sides) repeats.set(side.name, await repeatsFor(side.run))
  const perSecond = new Map<string, number[]>(sides.map(side => [side.name, []]))
  for (let round = 0; round < rounds; round += 1) {
    const bench = new Bench({ time: sampleMs, warmupTime: sampleMs / 4 })
    for (const side of sides) {
      bench.add(side.name, repeated(side.run, repeats.get(side.name) ?? 1))
    }
    await bench.run()
    for (const task of bench.tasks) {
      if (!('latency' in task.result)) throw new Error(`${name}: ${task.name} did not run`)
      const times = units * (repeats.get(task.name) ?? 1)
      perSecond.get(task.name)?.push((times * 1000) / task.result.latency.p50)
    }
  }
  const medians = sides.map(side => median(perSecond.get(side.name) ?? []))
  const of = (side: string | undefined, round: number): number =>
    perSecond.get(side ?? '')?.[round] ?? Number.NaN
  return {
    rows: sides.map((side, index) => ({
      ...{ case: name, side: side.name, perSecond: medians[index] ?? 0, unit: `${unit}/s` },
      ...{ serverCpuUs: undefined, durability: '' },
    })),
    // By round, because a neighbour that comes and goes is the same for both sides of one round.
    ratios: sides.slice(1).map(side => ({
      name: `${name}: ${sides[0]?.name} over ${side.name}`,
      ratio: median(
        Array.from(
          { length: rounds },
          (_, round) => of(sides[0]?.name, round) / of(side.name, round),
        ),
      ),
      aim: aims[side.name],
    })),
  }
}

const repeatsFor = async (run: () => unknown): Promise<number> => {
  for (let index = 0; index < 20; index += 1) await run()
  const began = performance.now()
  for (let index = 0; index < 20; index += 1) await run()
  const onceMs = (performance.now() - began) / 20
  return Math.max(1, Math.ceil(SAMPLE_MS / onceMs))
}

/** Only what is asynchronous by nature is waited for. */
const repeated = (run: () => unknown, times: number): (() => unknown) => {
  if (run() instanceof Promise) {
    return async () => {
      for (let index = 0; index < times; index += 1) await run()
    }
  }
  return () => {
    for (let index = 0; index < times; index += 1) kept.last = run()
  }
}

/** So that no engine finds the work to be without effect. */
const kept: { last: unknown } = { last: undefined }

/**
 * What importing the package as `npm run build` leaves it costs a process, beyond what importing an empty module costs it. The two
 * take turns.
 */
const importFigure = (rounds: number): Figure => {
  const built = new URL('../../packages/protocol/dist/index.js', import.meta.url)
  const folder = mkdtempSync(join(tmpdir(), 'varve-import-'))
  const empty = join(folder, 'empty.mjs')
  writeFileSync(empty, '')
  const pairs = Array.from({ length: 3 * rounds }, () => [
    importMs(built.href),
    importMs(pathToFileURL(empty).href),
  ])
  rmSync(folder, { recursive: true })
  const [packageMs = 0, emptyMs = 0] = [0, 1].map(side =>
    median(pairs.map(pair => pair[side] ?? Number.NaN)),
  )
  return {
    name: 'importing the package, beyond an empty module',
    value: packageMs - emptyMs,
    unit: 'ms',
    aim: IMPORT_AIM_MS,
  }
}

const importMs = (url: string): number => {
  const code =
    'const began = performance.now(); await import(process.argv[1]); console.log(performance.now() - began)'
  const args = ['--input-type=module', '-e', code, url]
  return Number(spawnSync(process.execPath, args, { encoding: 'utf8' }).stdout)
}
