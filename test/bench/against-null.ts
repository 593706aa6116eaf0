import type { BrokerProcess } from '../support/processes.ts'
import type { Load } from './generator.ts'
import { median, type Ratio, type Row } from './report.ts'
import { createTopic, deleteTopic } from './topics.ts'
import { cpuMs, type Generator, type NullBroker } from './workers.ts'

export interface Sides {
  readonly rounds: number
  /** How much longer a load is than in a quick run. */
  readonly scale: number
  readonly only: string | undefined
  readonly generator: Generator
  readonly nothing: NullBroker
  readonly durable: BrokerProcess
  readonly relaxed: BrokerProcess
}

interface Case {
  readonly name: string
  readonly aim: number
  readonly unit: string
  /** What one request counts for, in `unit`. */
  readonly perRequest: number
  readonly load: (port: number, topic: string) => Load
  /** What must be in the topic before the clock starts. */
  readonly fill?: (port: number, topic: string) => Load
}

interface Side {
  readonly name: string
  readonly port: number
  readonly pid: number
  readonly durability: string
  readonly prepare: (topic: string) => Promise<void>
  readonly clear: (topic: string) => Promise<void>
}

const MEBIBYTE = 1024 * 1024
const FETCHED_BATCH_BYTES = 65_536

function produceCase(name: string, requests: number, batchBytes: number, inFlight: number): Case {
  const small = batchBytes < 1024
  return {
    name,
    aim: 0.4,
    unit: small ? 'requests/s' : 'MB/s',
    perRequest: small ? 1 : batchBytes / 1e6,
    load: (port, topic) => ({
      type: 'produce',
      port,
      topic,
      requests,
      batchBytes,
      inFlight,
      recordBytes: 100,
      partitions: 1,
      connections: 1,
    }),
  }
}

function cases(scale: number): Case[] {
  return [
    produceCase('produce 100 B, 5 in flight', 15_000 * scale, 100, 5),
    produceCase('produce 100 B, 50 in flight', 40_000 * scale, 100, 50),
    produceCase('produce 64 KiB, 5 in flight', 2_000 * scale, 65_536, 5),
    // A little below 1 MiB: the default max.message.bytes has 12 bytes of room above it.
    produceCase('produce 1 MiB, 5 in flight', 200 * scale, MEBIBYTE, 5),
    {
      name: 'fetch 1 MiB at the tail, 4 in flight',
      aim: 0.5,
      unit: 'MB/s',
      perRequest: MEBIBYTE / 1e6,
      fill: (port, topic) => ({
        type: 'produce',
        port,
        topic,
        requests: 16,
        batchBytes: FETCHED_BATCH_BYTES,
        inFlight: 1,
        recordBytes: 1000,
        partitions: 1,
        connections: 1,
      }),
      load: (port, topic) => ({
        type: 'fetch',
        port,
        topic,
        requests: 500 * scale,
        inFlight: 4,
        offset: 0,
        maxBytes: MEBIBYTE,
      }),
    },
  ]
}

/** Each case on each side, the sides taking turns within a round; the first round warms up and does not count. */
export async function compareWithNull(options: Sides): Promise<{ rows: Row[]; ratios: Ratio[] }> {
  const rows: Row[] = []
  const ratios: Ratio[] = []
  const sides = sidesOf(options)
  for (const one of cases(options.scale)) {
    if (options.only !== undefined && !one.name.includes(options.only)) continue
    const measured = await measure(one, sides, options)
    rows.push(...measured)
    const [bound, relaxed, durable] = measured
    if (bound === undefined || relaxed === undefined || durable === undefined) continue
    ratios.push(ratio(`${one.name}, relaxed`, one.aim, relaxed, bound))
    ratios.push(ratio(`${one.name}, durable`, undefined, durable, bound))
  }
  return { rows, ratios }
}

function ratio(name: string, aim: number | undefined, ours: Row, bound: Row): Ratio {
  const cpuRatio = (bound.serverCpuUs ?? Number.NaN) / (ours.serverCpuUs ?? Number.NaN)
  return { name, ratio: ours.perSecond / bound.perSecond, aim, cpuRatio }
}

function sidesOf({ nothing, durable, relaxed }: Sides): Side[] {
  const ours = (name: string, broker: BrokerProcess, durability: string): Side => ({
    name,
    durability,
    port: broker.port,
    pid: broker.pid,
    prepare: topic => createTopic(broker.port, topic, 1),
    clear: topic => deleteTopic(broker.port, topic),
  })
  return [
    {
      name: 'null broker',
      durability: 'in the page cache',
      port: nothing.port,
      pid: nothing.pid,
      prepare: () => Promise.resolve(),
      clear: () => nothing.reset(),
    },
    ours('varve relaxed', relaxed, 'in the page cache'),
    ours('varve durable', durable, 'synced to the disk'),
  ]
}

async function measure(one: Case, sides: readonly Side[], options: Sides): Promise<Row[]> {
  const walls = sides.map((): number[] => [])
  const cpus = sides.map((): number[] => [])
  for (let round = 0; round <= options.rounds; round += 1) {
    for (const [index, side] of sides.entries()) {
      const topic = `bench-${round}`
      await side.prepare(topic)
      if (one.fill !== undefined) await options.generator.run(one.fill(side.port, topic))
      const before = cpuMs(side.pid)
      const { elapsedMs, requests } = await options.generator.run(one.load(side.port, topic))
      const serverCpuMs = cpuMs(side.pid) - before
      await side.clear(topic)
      if (round === 0) continue
      walls[index]?.push((requests * one.perRequest * 1000) / elapsedMs)
      cpus[index]?.push((serverCpuMs * 1000) / requests)
    }
  }
  return sides.map((side, index) => ({
    case: one.name,
    side: side.name,
    perSecond: median(walls[index] ?? []),
    unit: one.unit,
    serverCpuUs: median(cpus[index] ?? []),
    durability: side.durability,
  }))
}
