/** What a second of the broker's processor does as partitions and connections grow. */
import { readFileSync } from 'node:fs'
import { startBrokerProcess } from '../support/processes.ts'
import { accountedLoad, type Sample } from './accounting.ts'
import type { Load } from './generator.ts'
import { amount, type Curve, type CurvePoint, median } from './report.ts'
import { benchSettings, ourSide, type Side, type Stage } from './stage.ts'
import { asTable } from './table.ts'
import { residentMegabytes } from './workers.ts'

const COUNTS = [1, 10, 100, 1_000, 10_000]
const RECORD_BYTES = 100
const WARM_TOPIC = 'growth-warm-up'
const WARM_COUNT = 16
const WARM_REQUESTS = 400_000
/** Sockets, files and what else a process has open. */
const OPEN_BESIDE = 200

export interface GrowthOptions {
  readonly rounds: number
  readonly requests: number
  readonly isWanted: (name: string) => boolean
}

const KINDS = {
  partitions: { connections: () => 8, inFlight: 16 },
  connections: { connections: (count: number) => count, inFlight: 1 },
}
type Growing = keyof typeof KINDS

/** A broker of its own for each kind, so that what ten thousand partitions leave behind does not meet the other cases. */
export async function growth(stage: Stage, options: GrowthOptions): Promise<Curve[]> {
  const curves: Curve[] = []
  for (const grows of ['partitions', 'connections'] as const) {
    if (!options.isWanted(`growth, ${grows}`)) continue
    const start = (flushMode: string) =>
      startBrokerProcess({
        from: 'dist',
        settings: { ...benchSettings, 'flush.mode': flushMode },
      })
    await using relaxed = await start('relaxed')
    await using durable = await start('durable')
    const { generator } = stage
    const sides = [
      stage.nothing,
      ourSide({ name: 'varve relaxed', broker: relaxed, durability: '', generator }),
      ourSide({ name: 'varve durable', broker: durable, durability: '', generator }),
    ]
    for (const side of sides) await warmedUp(side, stage)
    const points = new Map<Side, CurvePoint[]>(sides.map(side => [side, []]))
    for (const count of COUNTS.filter(isPossible)) {
      for (const side of sides)
        points.get(side)?.push(await pointOf(side, stage, { grows, count, options }))
    }
    const own = sides.map(side => ({
      name: `growth, ${grows}`,
      ...{ side: side.name, grows, unit: 'requests' },
      points: points.get(side) ?? [],
    }))
    console.log(`${asTable(curveTable(own))}\n`)
    curves.push(...own)
  }
  return curves
}

/** The first point is none of a program that is still being compiled. */
async function warmedUp(side: Side, { generator }: Stage): Promise<void> {
  await side.prepare(WARM_TOPIC, WARM_COUNT)
  const growing = { grows: 'partitions', count: WARM_COUNT, requests: WARM_REQUESTS } as const
  await generator.run(growthLoad(side.port, WARM_TOPIC, growing))
  await side.clear(WARM_TOPIC)
}

function isPossible(count: number): boolean {
  const [, limit = '0'] =
    /Max open files +(\d+)/.exec(readFileSync('/proc/self/limits', 'utf8')) ?? []
  if (count + OPEN_BESIDE <= Number(limit)) return true
  console.log(`left out ${count}: a process may have ${limit} files open (ulimit -n)`)
  return false
}

export interface GrowthLoad {
  readonly grows: Growing
  readonly count: number
  readonly requests: number
}

export function growthLoad(port: number, topic: string, growing: GrowthLoad): Load {
  const { grows, count, requests } = growing
  const { connections, inFlight } = KINDS[grows]
  return {
    ...{ type: 'produce', port, topic, requests, partitions: grows === 'partitions' ? count : 1 },
    ...{ connections: connections(count), inFlight, recordBytes: RECORD_BYTES, batchBytes: 0 },
  }
}

interface Point {
  readonly grows: Growing
  readonly count: number
  readonly options: GrowthOptions
}

async function pointOf(
  side: Side,
  stage: Stage,
  { grows, count, options }: Point,
): Promise<CurvePoint> {
  const topic = `growth-${grows}-${count}`
  const partitions = grows === 'partitions' ? count : 1
  await side.prepare(topic, partitions)
  const positions = Array.from({ length: partitions }, () => 0)
  const run = async (requests: number): Promise<Sample> => {
    const load = growthLoad(side.port, topic, { grows, count, requests })
    const sample = await accountedLoad(side.pid, stage.generator, load)
    for (const [partition, records] of (sample.positions ?? []).entries())
      positions[partition] = (positions[partition] ?? 0) + records
    return sample
  }
  // Every partition has its first record, and every file is open.
  await run(Math.max(count * 2, 2_000))
  const samples: Sample[] = []
  for (let round = 0; round < options.rounds; round += 1)
    samples.push(await run(Math.max(options.requests, count)))
  const resident = residentMegabytes(side.pid)
  await side.check(topic, positions)
  await side.clear(topic)
  const of = (figure: (sample: Sample) => number): number => median(samples.map(figure))
  return {
    at: count,
    perCpuSecond: of(({ requests, serverCpuMs }) => (requests * 1000) / serverCpuMs),
    perSecond: of(({ requests, elapsedMs }) => (requests * 1000) / elapsedMs),
    generatorCores: of(({ generatorCores }) => generatorCores),
    residentMegabytes: resident,
  }
}

/** Sides beside each other. */
export function curveTable(curves: readonly Curve[]): string[][] {
  const [first] = curves
  const { grows = '', unit = '', points = [] } = first ?? {}
  const heads = curves.flatMap(({ side }) => [`${side}: ${unit}/cpu s`, `${unit}/s`, 'MB'])
  return [
    [grows, ...heads],
    ...points.map(({ at }, index) => [
      at.toLocaleString('en-US'),
      ...curves.flatMap(curve => {
        const point = curve.points[index]
        if (point === undefined) return ['', '', '']
        const { perCpuSecond, perSecond, residentMegabytes: resident } = point
        return [amount(perCpuSecond), amount(perSecond), resident.toFixed(0)]
      }),
    ]),
  ]
}
