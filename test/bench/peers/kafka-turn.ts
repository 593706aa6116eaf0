/** One load of a broker that speaks Kafka's protocol: its topic, what it cost, and that all that was acknowledged is there. */
import { accounted, forgetCached, readBytes, syncFolder } from '../accounting.ts'
import { countBack } from '../count-back.ts'
import type { Load, Measured } from '../generator.ts'
import { type Taken, takeTurns } from '../turns.ts'
import type { Generator } from '../workers.ts'
import type { Side } from './kafka-sides.ts'
import { type PeerTurn, peerTurn } from './peer-turn.ts'
import { openTopic, removeTopic, type TurnTopic } from './topic-turn.ts'

export interface KafkaLoad {
  readonly name: string
  readonly unit: string
  readonly partitions: number
  /** How much of `unit` a load came to. */
  readonly units: (measured: Measured) => number
  readonly load: (port: number, topic: string) => Load
  /** Read loads have one topic for all rounds, filled once; produce loads have a new one each time, and it is read back. */
  readonly fill?: (port: number, topic: string) => Load
  /** Produces into one topic in all rounds: Kafka makes a hundred partitions slowly, and little is written to them. */
  readonly keepsTopic?: boolean
  /** Takes the topic's files out of the page cache before each load. */
  readonly isCold?: boolean
}

export interface LoadOptions {
  readonly rounds: number
  readonly generator: Generator
}

let names = 0

export async function measureLoad(
  one: KafkaLoad,
  sides: readonly Side[],
  { rounds, generator }: LoadOptions,
): Promise<Taken<Side, PeerTurn>[]> {
  const { fill } = one
  if (one.keepsTopic === true) return keeping(one, sides, { rounds, generator })
  if (fill === undefined) {
    return takeTurns(sides, { rounds, once: [] }, side => producing(one, side, generator))
  }
  const kept = nextTopic(one)
  for (const side of sides) {
    await openTopic(side, kept)
    await generator.run(fill(side.port, kept.name))
  }
  const measured = await takeTurns(sides, { rounds, once: [] }, side => {
    if (one.isCold === true) forgetCached(side.dataFolder)
    return running(one, side, { topic: kept, generator }).then(({ turn }) => turn)
  })
  for (const side of sides) await removeTopic(side, kept)
  return measured
}

function nextTopic({ partitions }: KafkaLoad): TurnTopic {
  names += 1
  return { name: `bench-${names}`, partitions }
}

async function keeping(
  one: KafkaLoad,
  sides: readonly Side[],
  { rounds, generator }: LoadOptions,
): Promise<Taken<Side, PeerTurn>[]> {
  const topic = nextTopic(one)
  const written = new Map<Side, readonly number[]>()
  for (const side of sides) {
    await openTopic(side, topic)
    written.set(side, await openPartitions(one.load(side.port, topic.name), generator))
  }
  const taken = await takeTurns(sides, { rounds, once: [] }, async side => {
    const { turn, measured } = await running(one, side, { topic, generator })
    written.set(side, added(measured.positions ?? [], written.get(side)))
    // What one side leaves to be written is no load for the next.
    syncFolder(side.dataFolder)
    return turn
  })
  for (const side of sides) {
    const positions = written.get(side) ?? []
    await countBack({ generator, port: side.port, topic: topic.name, positions })
    await removeTopic(side, topic)
  }
  return taken
}

function added(records: readonly number[], before: readonly number[] = []): readonly number[] {
  return records.map((count, partition) => count + (before[partition] ?? 0))
}

async function producing(one: KafkaLoad, side: Side, generator: Generator): Promise<PeerTurn> {
  const topic = nextTopic(one)
  await openTopic(side, topic)
  const opening = await openPartitions(one.load(side.port, topic.name), generator)
  const { turn, measured } = await running(one, side, { topic, generator })
  const positions = added(measured.positions ?? [measured.requests], opening)
  await countBack({ generator, port: side.port, topic: topic.name, positions })
  await removeTopic(side, topic)
  return turn
}

/** The first batch of a new partition makes files: it is no part of what is timed. Gives the records by partition. */
async function openPartitions(load: Load, generator: Generator): Promise<readonly number[]> {
  if (load.type !== 'produce') return []
  const { forMs: _, ...counted } = load
  const requests = Math.max(load.partitions, load.connections)
  const { positions = [] } = await generator.run({ ...counted, requests })
  return positions
}

interface Running {
  readonly topic: TurnTopic
  readonly generator: Generator
}

async function running(
  one: KafkaLoad,
  side: Side,
  { topic, generator }: Running,
): Promise<{ readonly turn: PeerTurn; readonly measured: Measured }> {
  const { pid, port } = side
  const before = readBytes(pid).fromDisk
  const run = (): Promise<Measured> => generator.run(one.load(port, topic.name))
  const sample = await accounted(pid, run, side.cpuMs)
  const diskBytes = readBytes(pid).fromDisk - before
  const turn = peerTurn(sample, { pid, diskBytes, units: one.units(sample) })
  return { turn, measured: sample }
}
