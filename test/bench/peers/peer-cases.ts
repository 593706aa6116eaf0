/** The loads of `npm run bench -- peers`: what all of them have, and batches where the protocol knows them. */
import { accounted } from '../accounting.ts'
import type { Measured } from '../generator.ts'
import { takeTurns } from '../turns.ts'
import type { Publishing, Rig } from './peer-rigs.ts'
import type { CaseResult } from './peer-tables.ts'
import { type PeerTurn, peerTurn } from './peer-turn.ts'

export interface PeerScale {
  /** Of one publishing load. */
  readonly forMs: number
  /** What is read from the beginning. */
  readonly records: number
  /** Of one load of single records at a steady rate. */
  readonly steadyMs: number
}

export interface PeerCase {
  readonly name: string
  /** Takes only those whose protocol has batches. */
  readonly isBatched: boolean
  readonly run: (rigs: readonly Rig[], rounds: number) => Promise<CaseResult<Rig>>
}

const BATCH_BYTES = 65_536
const STEADY_WARM_UP_MS = 500
const FILL_IN_FLIGHT = 500
const FILL_MS = 500
let names = 0

export function peerCases(scale: PeerScale): PeerCase[] {
  const { forMs } = scale
  const singles = [100, 1_024].flatMap(recordBytes =>
    [1, 50].map(inFlight =>
      publishing(`publish one ${recordBytes} B record at a time, ${inFlight} in flight`, {
        ...{ recordBytes, inFlight, forMs, batchBytes: 0 },
      }),
    ),
  )
  const batches = [100, 1_024].map(recordBytes =>
    publishing(`publish ${recordBytes} B records in 64 KiB batches, 5 in flight`, {
      ...{ recordBytes, forMs, inFlight: 5, batchBytes: BATCH_BYTES },
    }),
  )
  const reads = [0, BATCH_BYTES].map(batchBytes => reading(scale, batchBytes))
  return [...singles, ...batches, ...reads, steady(scale)]
}

/** What was acknowledged is read and counted after the clock has stopped. */
function publishing(name: string, what: Publishing): PeerCase {
  const one = async (rig: Rig): Promise<PeerTurn> => {
    const stream = nextName()
    await rig.create(stream)
    const { turn, measured } = await costing(rig, () => rig.publish(stream, what))
    await rig.read(stream, measured.records ?? 0)
    await rig.remove(stream)
    return turn
  }
  return taking({ name, isBatched: what.batchBytes > 0, run: one })
}

function reading({ records }: PeerScale, batchBytes: number): PeerCase {
  const how = batchBytes === 0 ? 'one by one' : 'in 64 KiB batches'
  const name = `consume 1 KiB records from the beginning, published ${how}`
  const run: PeerCase['run'] = async (rigs, rounds) => {
    const stream = nextName()
    const filled = new Map<Rig, number>()
    for (const rig of rigs) filled.set(rig, await fill(rig, stream, { records, batchBytes }))
    const measured = await takeTurns(rigs, { rounds, once: [] }, async rig => {
      const { turn } = await costing(rig, () => rig.read(stream, filled.get(rig) ?? 0))
      return turn
    })
    for (const rig of rigs) await rig.remove(stream)
    return { name, unit: 'records/s', measured }
  }
  return { name, isBatched: batchBytes > 0, run }
}

interface Filling {
  readonly records: number
  readonly batchBytes: number
}

/** At least so many records; gives how many. */
async function fill(rig: Rig, stream: string, { records, batchBytes }: Filling): Promise<number> {
  await rig.create(stream)
  const inFlight = batchBytes === 0 ? FILL_IN_FLIGHT : 5
  let published = 0
  while (published < records) {
    const load = { recordBytes: 1_024, batchBytes, inFlight, forMs: FILL_MS }
    published += (await rig.publish(stream, load)).records ?? 0
  }
  return published
}

function steady({ steadyMs }: PeerScale): PeerCase {
  const pace = {
    ...{ recordBytes: 100, perSecond: 1_000, warmUpMs: STEADY_WARM_UP_MS },
    forMs: STEADY_WARM_UP_MS + steadyMs,
  }
  const one = async (rig: Rig): Promise<PeerTurn> => {
    const stream = nextName()
    await rig.create(stream)
    const { turn } = await costing(rig, () => rig.steady(stream, pace))
    await rig.remove(stream)
    return turn
  }
  const name = 'end to end, 1,000 records of 100 B a second, open loop'
  return taking({ name, isBatched: false, run: one })
}

interface OneTurn {
  readonly name: string
  readonly isBatched: boolean
  readonly run: (rig: Rig) => Promise<PeerTurn>
}

function taking({ name, isBatched, run }: OneTurn): PeerCase {
  return {
    ...{ name, isBatched },
    async run(rigs, rounds) {
      const measured = await takeTurns(rigs, { rounds, once: [] }, run)
      return { name, unit: 'records/s', measured }
    },
  }
}

async function costing(
  rig: Rig,
  load: () => Promise<Measured>,
): Promise<{ readonly turn: PeerTurn; readonly measured: Measured }> {
  const measured = await accounted(rig.pid, load)
  const facts = { pid: rig.pid, units: measured.records ?? 0, diskBytes: Number.NaN }
  return { turn: peerTurn(measured, facts), measured }
}

function nextName(): string {
  names += 1
  return `bench-${names}`
}
