/** `npm run bench`: everything that has a bound or an aim, in one run of about ten minutes. */

import { thisMachine } from './machine.ts'
import { benchMixed } from './mixed.ts'
import type { Curve, Figure, LatencyRow, Ratio, Report, Row } from './report.ts'
import { openStage, type Placement, type Side, type Stage } from './stage.ts'
import { startFigures } from './start.ts'
import { wholeCases } from './whole-cases.ts'
import { type Compared, compareCase } from './whole-compared.ts'
import { durableWriters } from './whole-durable.ts'
import { fanOut } from './whole-fan-out.ts'
import { growth } from './whole-growth.ts'
import { endToEnd, LATENCY_CASE } from './whole-latency.ts'

export interface WholeOptions {
  readonly rounds: number
  /** Of the loads' usual lengths; less than 1 to try the bench itself. */
  readonly scale: number
  readonly only: string | undefined
  readonly placements: readonly Placement[]
}

const WARM_UP_MS = 20_000
const LATENCY_MS = 2_500
const FAN_OUT_SECONDS = 2
const GROWTH_REQUESTS = 20_000
const MIXED_MINUTES = 0.5

export async function benchWhole(options: WholeOptions): Promise<Report> {
  const { rounds, scale, only, placements } = options
  const isWanted = (name: string): boolean => only === undefined || name.includes(only)
  const isUnpinned = placements.includes('unpinned')
  const compared: Compared[] = []
  const latencies: LatencyRow[] = []
  const curves: Curve[] = []
  const figures: Figure[] = []
  const problems: string[] = []
  // What goes wrong in one part is told, and takes nothing from the others.
  const attempt = async (name: string, part: () => Promise<void>): Promise<void> => {
    const began = performance.now()
    try {
      await part()
      const seconds = Math.round((performance.now() - began) / 1000)
      if (seconds > 0) console.log(`${name}: took ${seconds} s\n`)
    } catch (error) {
      const problem = `${name}: ${(error as Error).message}`
      console.error(problem)
      problems.push(problem)
    }
  }
  {
    await using stage = await openStage()
    await warmUp(stage, WARM_UP_MS * Math.min(1, scale))
    for (const placement of placements) {
      stage.place(placement)
      const cases = wholeCases(scale).filter(
        one => isWanted(one.name) && (placement === 'unpinned' || one.isPinnedToo),
      )
      for (const one of cases)
        await attempt(one.name, async () => {
          compared.push(await compareCase(one, stage, { rounds, placement }))
        })
    }
    stage.place('unpinned')
    const requests = Math.ceil(GROWTH_REQUESTS * scale)
    const parts: Record<string, () => Promise<void>> = {
      'durable acks': async () => {
        compared.push(await durableWriters(stage, { rounds, scale, isWanted }))
      },
      [LATENCY_CASE]: async () => {
        if (!isWanted(LATENCY_CASE)) return
        latencies.push(...(await endToEnd(stage, { rounds, forMs: LATENCY_MS * scale })))
      },
      'fan-out': async () => {
        if (!isWanted('fan-out')) return
        figures.push(...(await fanOut(stage, { rounds, seconds: FAN_OUT_SECONDS * scale })))
      },
      growth: async () => {
        curves.push(...(await growth(stage, { rounds, requests, isWanted })))
      },
    }
    if (isUnpinned) for (const [name, part] of Object.entries(parts)) await attempt(name, part)
  }
  if (isUnpinned && isWanted('start'))
    await attempt('start', async () => {
      figures.push(...(await startFigures(rounds)))
    })
  if (isUnpinned && isWanted('mixed load'))
    await attempt('mixed load', async () => {
      const { figures: mixed } = await benchMixed({ minutes: MIXED_MINUTES * Math.min(1, scale) })
      figures.push(...mixed)
    })
  const rows: Row[] = compared.flatMap(one => [...one.rows])
  const ratios: Ratio[] = compared.flatMap(one => [...one.ratios])
  return { ...thisMachine(), rounds, rows, ratios, figures, latencies, curves, problems }
}

/** Every path that is measured, on every side, until the compilers have seen enough of it. */
async function warmUp(stage: Stage, forMs: number): Promise<void> {
  const { nothing, syncedNothing, relaxed, durable, generator } = stage
  const shares: [Side, number][] = [
    [nothing, 0.15],
    [syncedNothing, 0.15],
    [relaxed, 0.35],
    [durable, 0.35],
  ]
  for (const [side, share] of shares) {
    await side.prepare('warm-up', 4)
    for (const batchBytes of [100, 65_536]) {
      const connections = 4
      await generator.run({
        ...{ type: 'produce', port: side.port, topic: 'warm-up', requests: 0, partitions: 4 },
        ...{ recordBytes: 100, batchBytes, connections, inFlight: 8, forMs: forMs * share * 0.4 },
      })
      await side.nothing?.reset()
    }
    await generator.run({
      ...{ type: 'fetch', port: side.port, topic: 'warm-up', requests: 200, inFlight: 4 },
      ...{ offset: 0, maxBytes: 2 ** 20 },
    })
    await side.clear('warm-up')
  }
}
