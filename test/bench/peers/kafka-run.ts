/** Starts the brokers that the cases need, warms them up, lets them take turns, and ends them. */
import { setTimeout as delay } from 'node:timers/promises'
import { cpuTreeMs, pin } from '../accounting.ts'
import { type Generator, startGenerator } from '../workers.ts'
import type { KafkaCase, SideName } from './kafka-cases.ts'
import { type Side, startKafka, startVarve, type WarmUps } from './kafka-sides.ts'
import { measureLoad } from './kafka-turn.ts'
import { warmUp } from './kafka-warm-up.ts'
import type { CaseResult } from './peer-tables.ts'

export interface RunOptions {
  readonly cache: string
  readonly rounds: number
  readonly isPinned: boolean
  readonly warmUps: WarmUps
}

export interface Ran {
  readonly results: readonly CaseResult<Side>[]
  /** What a reader of the figures should know. */
  readonly notes: readonly string[]
  /** What went wrong, which takes nothing from the rest. */
  readonly problems: readonly string[]
}

const IDLE_MS = 4_000
const BROKER_CORE = '0'
const GENERATOR_CORE = '1'

export async function runCases(cases: readonly KafkaCase[], options: RunOptions): Promise<Ran> {
  if (cases.length === 0) return { results: [], notes: [], problems: [] }
  const generator = await startGenerator()
  const sides = new Map<SideName, Side>()
  try {
    for (const name of new Set(cases.flatMap(one => one.sides)))
      sides.set(name, await startSide(name, options))
    if (options.isPinned) {
      for (const { pid } of sides.values()) pin(pid, BROKER_CORE)
      pin(generator.pid, GENERATOR_CORE)
    }
    const notes: string[] = []
    for (const side of sides.values()) notes.push(await heated(side, generator))
    notes.push(await idleCost([...sides.values()]))
    const results: CaseResult<Side>[] = []
    const problems: string[] = []
    for (const one of cases) {
      const began = performance.now()
      const taking = one.sides.flatMap(name => sides.get(name) ?? [])
      const { rounds } = options
      try {
        const measured = await measureLoad(one, taking, { rounds, generator })
        results.push({ name: one.name, unit: one.unit, measured })
        progress(`${one.name}: ${seconds(performance.now() - began)}`)
      } catch (error) {
        problems.push(`${one.name}: ${(error as Error).message}`)
        progress(problems.at(-1) ?? '')
      }
    }
    return { results, notes, problems }
  } finally {
    await Promise.all([...sides.values()].map(side => side[Symbol.asyncDispose]()))
    await generator.close()
  }
}

function startSide(name: SideName, { cache, warmUps }: RunOptions): Promise<Side> {
  switch (name) {
    case 'varve relaxed':
      return startVarve('relaxed', warmUps)
    case 'varve durable':
      return startVarve('durable', warmUps)
    case 'kafka default':
      return startKafka(cache, 'default', warmUps)
    case 'kafka durable':
      return startKafka(cache, 'durable', warmUps)
  }
}

async function heated(side: Side, generator: Generator): Promise<string> {
  const { elapsedMs, isSteady, perSecond } = await warmUp(side, generator)
  const rates = perSecond.map(rate => Math.round(rate).toLocaleString('en-US')).join(', ')
  const verdict = isSteady ? 'within 10 %' : 'NOT within 10 %: the machine was not quiet'
  const note = `${side.name} warmed up for ${seconds(elapsedMs)}; its last windows: ${rates} requests/s, ${verdict}`
  progress(note)
  return note
}

/** What brokers cost that nobody asks anything: why all of them may be up while one is measured. */
async function idleCost(sides: readonly Side[]): Promise<string> {
  const before = sides.map(({ pid }) => cpuTreeMs(pid))
  await delay(IDLE_MS)
  const shares = sides.map(({ name, pid }, index) => {
    const share = (100 * (cpuTreeMs(pid) - (before[index] ?? 0))) / IDLE_MS
    return `${name} ${share.toFixed(1)} %`
  })
  return `idle brokers, of one core: ${shares.join(', ')}`
}

function progress(line: string): void {
  process.stderr.write(`${line}\n`)
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(0)} s`
}
