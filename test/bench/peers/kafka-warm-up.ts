/** Lets a broker run until it is as fast as it gets: a JVM compiles for a minute what it will then do for months. */
import type { Load } from '../generator.ts'
import type { Generator } from '../workers.ts'
import type { Side } from './kafka-sides.ts'
import { openTopic, removeTopic } from './topic-turn.ts'

const WINDOWS = 3
const STEADY_WITHIN = 0.1
/** A busy machine is never steady: after so many times the least, it is said and gone on. */
const PATIENCE = 2
const PARTITIONS = 8

export interface WarmUp {
  readonly elapsedMs: number
  readonly isSteady: boolean
  /** Requests a second of the last windows. */
  readonly perSecond: readonly number[]
}

/** Single records, batches and fetches by turns, at least as long as the side asks for and until three windows are within 10 %. */
export async function warmUp(side: Side, generator: Generator): Promise<WarmUp> {
  const began = performance.now()
  const passed = (): number => performance.now() - began
  const windowMs = Math.min(4_000, side.warmUpMs / 6)
  const rates: number[] = []
  for (let window = 0; ; window += 1) {
    rates.push(await oneWindow(side, generator, { window, windowMs }))
    const last = rates.slice(-WINDOWS)
    const isSteady = last.length === WINDOWS && spread(last) <= STEADY_WITHIN
    const isOver = passed() >= side.warmUpMs && (isSteady || passed() >= PATIENCE * side.warmUpMs)
    if (isOver) return { elapsedMs: passed(), isSteady, perSecond: last }
  }
}

interface Window {
  readonly window: number
  readonly windowMs: number
}

/** What single records came to; the rest only heats. */
async function oneWindow(
  side: Side,
  generator: Generator,
  { window, windowMs }: Window,
): Promise<number> {
  const topic = { name: `warm-${window}`, partitions: PARTITIONS }
  await openTopic(side, topic)
  const target = { port: side.port, topic: topic.name, partitions: PARTITIONS }
  const produce = (batchBytes: number, forMs: number, inFlight: number): Load => ({
    ...{ ...target, type: 'produce', requests: 0, recordBytes: 100, connections: 4 },
    ...{ batchBytes, forMs, inFlight },
  })
  await generator.run(produce(65_536, windowMs / 4, 2))
  const fetching = { port: side.port, topic: topic.name, offset: 0, maxBytes: 65_536, inFlight: 4 }
  await generator.run({ ...fetching, type: 'fetch', requests: Math.round(windowMs / 4) })
  const small = await generator.run(produce(0, windowMs / 2, 5))
  await removeTopic(side, topic)
  return (small.requests * 1000) / small.elapsedMs
}

function spread(rates: readonly number[]): number {
  return (Math.max(...rates) - Math.min(...rates)) / Math.max(...rates)
}
