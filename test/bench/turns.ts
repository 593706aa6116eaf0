/** Sides that take turns at a case: forwards and backwards within a round, so that what changes on the machine meanwhile meets all of them. */
import { GENERATOR_LIMIT_CORES, type Sample } from './accounting.ts'
import { median, type Ratio, type Row, type Turn } from './report.ts'
import type { Side } from './stage.ts'

export interface Taken<S = Side, T = Turn> {
  readonly side: S
  /** One for each round: the mean of the side's runs in it. */
  readonly turns: readonly T[]
}

export interface TurnsOptions<S> {
  readonly rounds: number
  /** These run once in a round, the others twice. */
  readonly once: readonly S[]
}

/** Each side begins with a run that is not counted. */
export async function takeTurns<S, T extends Figures<T>>(
  sides: readonly S[],
  { rounds, once }: TurnsOptions<S>,
  run: (side: S) => Promise<T>,
): Promise<Taken<S, T>[]> {
  for (const side of sides) await run(side)
  const taken = sides.map(side => ({ side, turns: [] as T[] }))
  for (let round = 0; round < rounds; round += 1) {
    const ran = new Map<S, T[]>(sides.map(side => [side, []]))
    const back = sides.toReversed().filter(side => !once.includes(side))
    for (const side of [...sides, ...back]) ran.get(side)?.push(await run(side))
    for (const { side, turns } of taken) turns.push(mean(ran.get(side) ?? []))
  }
  return taken
}

/** What a run comes to, when it did so many `units`. */
export function turnOf(sample: Sample, units: number): Turn {
  return {
    perSecond: (units * 1000) / sample.elapsedMs,
    perCpuSecond: (units * 1000) / sample.serverCpuMs,
    serverCpuUs: (sample.serverCpuMs * 1000) / sample.requests,
    machineCpuUs: (sample.machineCpuMs * 1000) / sample.requests,
    generatorCores: sample.generatorCores,
  }
}

/** Nothing but numbers. */
type Figures<T> = { readonly [Field in keyof T]: number }

function mean<T extends Figures<T>>(turns: readonly T[]): T {
  const of = (field: keyof T): number =>
    turns.reduce((sum, turn) => sum + turn[field], 0) / turns.length
  const fields = Object.keys(turns[0] ?? {}) as (keyof T)[]
  return Object.fromEntries(fields.map(field => [field, of(field)])) as T
}

const medianOf = ({ turns }: Taken, field: keyof Turn): number =>
  median(turns.map(turn => turn[field]))

export function rowOf(name: string, unit: string, taken: Taken): Row {
  return {
    case: name,
    unit,
    side: taken.side.name,
    durability: taken.side.durability,
    perSecond: medianOf(taken, 'perSecond'),
    perCpuSecond: medianOf(taken, 'perCpuSecond'),
    serverCpuUs: medianOf(taken, 'serverCpuUs'),
    machineCpuUs: medianOf(taken, 'machineCpuUs'),
    generatorCores: medianOf(taken, 'generatorCores'),
    turns: taken.turns,
  }
}

/** Medians of the ratios, each taken within one round. */
export function ratioOf(
  name: string,
  aim: number | undefined,
  { ours, bound }: { readonly ours: Taken; readonly bound: Taken },
): Ratio {
  const over = (field: 'perSecond' | 'perCpuSecond'): number =>
    median(
      ours.turns.map((turn, round) => turn[field] / (bound.turns[round]?.[field] ?? Number.NaN)),
    )
  const busiest = Math.max(medianOf(ours, 'generatorCores'), medianOf(bound, 'generatorCores'))
  return {
    name,
    aim,
    ratio: over('perSecond'),
    cpuRatio: over('perCpuSecond'),
    isGeneratorBound: busiest > GENERATOR_LIMIT_CORES,
  }
}
