/** Acknowledgements of what is on the disk: so many writers, each waiting for its own, beside the null broker with the same group commit. */
import { accountedLoad, syncFolder } from './accounting.ts'
import type { Load } from './generator.ts'
import type { Turn } from './report.ts'
import type { Side, Stage } from './stage.ts'
import { ratioOf, rowOf, takeTurns, turnOf } from './turns.ts'
import { type Compared, showCompared } from './whole-compared.ts'

const RECORD_BYTES = 1_024
const WRITERS = [
  { writers: 1, groups: 1_000, aim: undefined },
  { writers: 16, groups: 600, aim: 0.6 },
  { writers: 64, groups: 400, aim: 0.6 },
] as const
let topics = 0

export interface DurableOptions {
  readonly rounds: number
  readonly scale: number
  readonly isWanted: (name: string) => boolean
}

export async function durableWriters(
  stage: Stage,
  { rounds, scale, isWanted }: DurableOptions,
): Promise<Compared> {
  const all: Compared[] = []
  for (const { writers, groups, aim } of WRITERS) {
    const name = `durable acks, ${writers} ${writers === 1 ? 'writer' : 'writers'}`
    if (!isWanted(name)) continue
    const requests = Math.ceil(groups * writers * scale)
    const sides = [stage.syncedNothing, stage.durable]
    const taken = await takeTurns(sides, { rounds, once: [] }, side =>
      written(side, stage, { writers, requests }),
    )
    const [bound, ours] = taken
    if (bound === undefined || ours === undefined) continue
    const compared = {
      rows: taken.map(each => rowOf(name, 'acks/s', each)),
      ratios: [ratioOf(name, aim, { ours, bound })],
    }
    showCompared(compared)
    all.push(compared)
  }
  return { rows: all.flatMap(({ rows }) => rows), ratios: all.flatMap(({ ratios }) => ratios) }
}

export interface Writing {
  readonly writers: number
  readonly requests: number
}

export function writersLoad(port: number, topic: string, { writers, requests }: Writing): Load {
  return {
    ...{ type: 'produce', port, topic, requests, recordBytes: RECORD_BYTES },
    ...{ batchBytes: 0, partitions: 1, connections: writers, inFlight: 1 },
  }
}

async function written(side: Side, stage: Stage, { writers, requests }: Writing): Promise<Turn> {
  topics += 1
  const topic = `acks-${topics}`
  await side.prepare(topic, 1)
  const load = writersLoad(side.port, topic, { writers, requests })
  const sample = await accountedLoad(side.pid, stage.generator, load)
  await side.check(topic, sample.positions ?? [])
  await side.clear(topic)
  syncFolder(side.folder)
  return turnOf(sample, sample.requests)
}
