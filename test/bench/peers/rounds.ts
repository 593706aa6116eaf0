/** Sides that take turns at one load, forwards and backwards within a round, so that what changes on the machine meets all of them. */
import { accounted, cpuTreeMs, forgetCached, readBytes } from '../accounting.ts'
import type { Load, Measured } from '../generator.ts'
import { median } from '../report.ts'
import { type Generator, residentMegabytes } from '../workers.ts'
import type { Side } from './kafka-sides.ts'
import { openTopic, readBack, removeTopic, type TurnTopic } from './topic-turn.ts'

export interface PeerCase {
  readonly name: string
  readonly unit: string
  readonly partitions: number
  /** How much of `unit` a load came to. */
  readonly units: (measured: Measured) => number
  readonly load: (port: number, topic: string) => Load
  /** Read loads have one topic for all rounds, filled once; produce loads have a new one each time, and it is read back. */
  readonly fill?: (port: number, topic: string) => Load
  /** Takes the topic's files out of the page cache before each load. */
  readonly isCold?: boolean
}

export interface RoundsOptions {
  readonly rounds: number
  readonly generator: Generator
}

/** One load, or the mean of the two loads of a round. */
export interface Turn {
  readonly perSecond: number
  /** Units for each second of the broker's processor. */
  readonly perCpuSecond: number
  /** All that the machine's cores did, neighbours as well, for each second of the load. */
  readonly machineCores: number
  readonly brokerCores: number
  readonly generatorCores: number
  /** Bytes that the disk gave for each byte that was asked for; of read loads. */
  readonly fromDisk: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly ackP99Ms: number
  readonly residentMegabytes: number
}

export interface Measurements {
  readonly side: Side
  /** By round. */
  readonly turns: readonly Turn[]
}

/** Each side warms up with one load that does not count. */
export async function takeTurns(
  one: PeerCase,
  sides: readonly Side[],
  { rounds, generator }: RoundsOptions,
): Promise<Measurements[]> {
  const kept: TurnTopic | undefined =
    one.fill === undefined ? undefined : { name: nextName(), partitions: one.partitions }
  for (const side of sides) {
    if (kept !== undefined) {
      await openTopic(side, kept)
      if (one.fill !== undefined) await generator.run(one.fill(side.port, kept.name))
    }
    await turnOf(one, side, { generator, kept })
  }
  const turns = new Map<Side, Turn[]>(sides.map(side => [side, []]))
  for (let round = 0; round < rounds; round += 1) {
    const paired = new Map<Side, Turn[]>(sides.map(side => [side, []]))
    for (const side of [...sides, ...sides.toReversed()]) {
      paired.get(side)?.push(await turnOf(one, side, { generator, kept }))
    }
    for (const side of sides) turns.get(side)?.push(mean(paired.get(side) ?? []))
  }
  if (kept !== undefined) for (const side of sides) await removeTopic(side, kept)
  return sides.map(side => ({ side, turns: turns.get(side) ?? [] }))
}

export type Metric = keyof Turn

export function medianOf({ turns }: Measurements, metric: Metric): number {
  return median(turns.map(turn => turn[metric]))
}

/** The median of one side's figures over another's, each ratio taken within one round. */
export function ratioOf(ours: Measurements, theirs: Measurements, metric: Metric): number {
  return median(
    ours.turns.map((turn, round) => turn[metric] / (theirs.turns[round]?.[metric] ?? Number.NaN)),
  )
}

let names = 0
function nextName(): string {
  names += 1
  return `bench-${names}`
}

interface TurnOptions {
  readonly generator: Generator
  readonly kept: TurnTopic | undefined
}

async function turnOf(one: PeerCase, side: Side, options: TurnOptions): Promise<Turn> {
  const { generator, kept } = options
  const topic = kept ?? { name: nextName(), partitions: one.partitions }
  if (kept === undefined) await openTopic(side, topic)
  if (one.isCold === true) forgetCached(side.dataFolder)
  const disk = readBytes(side.pid).fromDisk
  const run = (): Promise<Measured> => generator.run(one.load(side.port, topic.name))
  const sample = await accounted(side.pid, run, cpuTreeMs)
  const fromDisk = (readBytes(side.pid).fromDisk - disk) / Math.max(1, sample.recordsBytes ?? 1)
  const resident = residentMegabytes(side.pid)
  if (kept === undefined) {
    await readBack(side, topic, { generator, acknowledged: sample.positions ?? [sample.requests] })
    await removeTopic(side, topic)
  }
  const units = one.units(sample)
  return {
    perSecond: (units * 1000) / sample.elapsedMs,
    perCpuSecond: (units * 1000) / sample.serverCpuMs,
    machineCores: sample.machineCpuMs / sample.elapsedMs,
    brokerCores: sample.serverCpuMs / sample.elapsedMs,
    generatorCores: sample.generatorCores,
    fromDisk,
    p50Ms: sample.latencies?.endToEnd.p50Ms ?? Number.NaN,
    p99Ms: sample.latencies?.endToEnd.p99Ms ?? Number.NaN,
    ackP99Ms: sample.latencies?.acknowledged.p99Ms ?? Number.NaN,
    residentMegabytes: resident,
  }
}

function mean(turns: readonly Turn[]): Turn {
  const of = (metric: Metric): number =>
    turns.reduce((sum, turn) => sum + turn[metric], 0) / turns.length
  return {
    perSecond: of('perSecond'),
    perCpuSecond: of('perCpuSecond'),
    machineCores: of('machineCores'),
    brokerCores: of('brokerCores'),
    generatorCores: of('generatorCores'),
    fromDisk: of('fromDisk'),
    p50Ms: of('p50Ms'),
    p99Ms: of('p99Ms'),
    ackP99Ms: of('ackP99Ms'),
    residentMegabytes: of('residentMegabytes'),
  }
}
