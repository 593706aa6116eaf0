/** All who take part: two brokers of ours, the null broker with and without a disk, and the generator. */
import { availableParallelism } from 'node:os'
import { type BrokerProcess, startBrokerProcess } from '../support/processes.ts'
import { pin } from './accounting.ts'
import { countBack } from './count-back.ts'
import { createTopic, deleteTopic } from './topics.ts'
import { type Generator, type NullBroker, startGenerator, startNullBroker } from './workers.ts'

/** One of those that are compared. */
export interface Side {
  readonly name: string
  readonly port: number
  readonly pid: number
  readonly folder: string
  /** What its acknowledgement stands for. */
  readonly durability: string
  /** The null broker itself, where the case has something to tell it. */
  readonly nothing?: NullBroker
  readonly prepare: (topic: string, partitions: number) => Promise<void>
  readonly clear: (topic: string) => Promise<void>
  /** Throws when not all that was acknowledged can be read. */
  readonly check: (topic: string, positions: readonly number[]) => Promise<void>
}

export interface Stage extends AsyncDisposable {
  readonly generator: Generator
  /** Pages are cached and answered. */
  readonly nothing: Side
  /** What is answered is on the disk, by group commit. */
  readonly syncedNothing: Side
  readonly relaxed: Side
  readonly durable: Side
  /** Broker on one core, generator on the other; or everybody everywhere. */
  place(where: Placement): void
}

export type Placement = 'pinned' | 'unpinned'

export const benchSettings = {
  'auto.create.topics.enable': 'false',
  'log.retention.ms': '-1',
  // The null broker empties its file after each load. Were ours to keep a deleted topic for a minute, its page cache would never come to
  // be used again, and the first write to memory that a virtual machine has not touched before costs several times the write.
  'log.segment.delete.delay.ms': '0',
}

const CACHED = 'in the page cache'
const SYNCED = 'synced to the disk'

export async function openStage(): Promise<Stage> {
  const relaxedSettings = { ...benchSettings, 'flush.mode': 'relaxed' }
  const generator = await startGenerator()
  const durable = await startBrokerProcess({ from: 'dist', settings: benchSettings })
  const relaxed = await startBrokerProcess({ from: 'dist', settings: relaxedSettings })
  const nothing = await startNullBroker()
  const synced = await startNullBroker('synced')
  const servers = [durable.pid, relaxed.pid, nothing.pid, synced.pid]
  return {
    generator,
    nothing: nullSide('null broker', nothing, CACHED),
    syncedNothing: nullSide('null broker, group commit', synced, SYNCED),
    relaxed: ourSide({ name: 'varve relaxed', broker: relaxed, durability: CACHED, generator }),
    durable: ourSide({ name: 'varve durable', broker: durable, durability: SYNCED, generator }),
    place(where) {
      const all = `0-${availableParallelism() - 1}`
      for (const pid of servers) pin(pid, where === 'pinned' ? '0' : all)
      pin(generator.pid, where === 'pinned' ? '1' : all)
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([
        durable[Symbol.asyncDispose](),
        relaxed[Symbol.asyncDispose](),
        nothing.close(),
        synced.close(),
        generator.close(),
      ])
    },
  }
}

function nullSide(name: string, nothing: NullBroker, durability: string): Side {
  return {
    ...{ name, nothing, durability, port: nothing.port, pid: nothing.pid, folder: nothing.folder },
    prepare: () => Promise.resolve(),
    clear: () => nothing.reset(),
    // It keeps no promise that could be checked.
    check: () => Promise.resolve(),
  }
}

export interface OurSide {
  readonly name: string
  readonly broker: BrokerProcess
  readonly durability: string
  readonly generator: Generator
}

export function ourSide({ name, broker, durability, generator }: OurSide): Side {
  const { port, pid, dataFolder } = broker
  return {
    ...{ name, durability, port, pid, folder: dataFolder },
    prepare: (topic, partitions) => createTopic(port, topic, partitions),
    clear: topic => deleteTopic(port, topic),
    check: async (topic, positions) => {
      await countBack({ generator, port, topic, positions })
    },
  }
}
