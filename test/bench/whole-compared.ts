/** Ours beside the null broker, case by case. */
import { accountedLoad, forgetCached, syncFolder } from './accounting.ts'
import type { Load } from './generator.ts'
import { type Ratio, type Report, type Row, type Turn, tables } from './report.ts'
import type { Placement, Side, Stage } from './stage.ts'
import { asTable } from './table.ts'
import { ratioOf, rowOf, takeTurns, turnOf } from './turns.ts'
import type { WholeCase } from './whole-cases.ts'

export interface ComparedOptions {
  readonly rounds: number
  readonly placement: Placement
}

export interface Compared {
  readonly rows: readonly Row[]
  readonly ratios: readonly Ratio[]
}

/** Relaxed stands beside what has the page cache too, and has the aim; durable stands there for the record, and not when pinned. */
export async function compareCase(
  one: WholeCase,
  stage: Stage,
  { rounds, placement }: ComparedOptions,
): Promise<Compared> {
  const { nothing, relaxed, durable } = stage
  const name = placement === 'pinned' ? `${one.name}, pinned` : one.name
  const isWrite = one.fill === undefined
  const sides =
    isWrite && placement === 'unpinned' ? [nothing, relaxed, durable] : [nothing, relaxed]
  const filled = `filled-${name.replaceAll(/[^a-z0-9]+/gi, '-')}`
  if (!isWrite) for (const side of sides) await fill(one, side, { stage, filled })
  const run = (side: Side): Promise<Turn> =>
    isWrite ? written(one, side, stage) : readOnce(one, side, { stage, filled })
  const taken = await takeTurns(sides, { rounds, once: [durable] }, run)
  if (!isWrite) for (const side of sides) await side.clear(filled)
  const [bound, ...ours] = taken
  if (bound === undefined) throw new Error('a comparison needs two sides')
  const compared = {
    rows: taken.map(each => rowOf(name, one.unit, each)),
    ratios: ours.map(each =>
      ratioOf(
        isWrite ? `${name}, ${each.side === durable ? 'durable' : 'relaxed'}` : name,
        each.side === durable ? undefined : one.aim,
        { ours: each, bound },
      ),
    ),
  }
  showCompared(compared)
  return compared
}

let topics = 0

/** A run into a new topic, all of which is read again and counted; nothing of it is left behind. */
async function written(one: WholeCase, side: Side, stage: Stage): Promise<Turn> {
  topics += 1
  const topic = `bench-${topics}`
  await side.prepare(topic, one.partitions)
  const load = one.load(side.port, topic)
  const share = side === stage.durable ? one.durableShare : 1
  const sample = await accountedLoad(side.pid, stage.generator, lessened(load, share))
  await side.check(topic, sample.positions ?? [])
  await side.clear(topic)
  syncFolder(side.folder)
  return turnOf(sample, one.units(sample))
}

function lessened(load: Load, share: number): Load {
  return load.type === 'produce' ? { ...load, requests: Math.ceil(load.requests * share) } : load
}

interface Filled {
  readonly stage: Stage
  /** The topic that is only read. */
  readonly filled: string
}

async function fill(one: WholeCase, side: Side, { stage, filled }: Filled): Promise<void> {
  if (one.fill === undefined) return
  await side.prepare(filled, one.partitions)
  const { positions = [] } = await stage.generator.run(one.fill(side.port, filled))
  await side.check(filled, positions)
  await side.nothing?.serve(one.serve)
  syncFolder(side.folder)
}

async function readOnce(one: WholeCase, side: Side, { stage, filled }: Filled): Promise<Turn> {
  if (one.isForgotten) forgetCached(side.folder)
  const sample = await accountedLoad(side.pid, stage.generator, one.load(side.port, filled))
  return turnOf(sample, one.units(sample))
}

/** So that a run which takes minutes says how far it is. */
export function showCompared({ rows, ratios }: Compared): void {
  const report: Report = { machine: '', rounds: 0, rows, ratios, figures: [] }
  const all = tables(report)
  console.log(`${asTable(all.rows)}\n${asTable(all.ratios)}\n`)
}
