/**
 * A file system that is really full. Each round mounts a small tmpfs, lets a broker in a process of its own fill it, reads
 * everything back meanwhile, frees space, writes on, kills the broker and starts it again: every acknowledged record stands
 * at its offset, and nothing else does. Every other round the disk is filled by somebody else to its last byte, and the
 * broker is killed while it is full: it may refuse to start with one clear sentence, and loses nothing.
 */

import { execFileSync } from 'node:child_process'
import { closeSync, mkdirSync, mkdtempSync, openSync, rmdirSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { BatchBuilder, CreateTopics, errorName, InitProducerId, Produce } from '@varve/protocol'
import { memoryRandom } from '../../packages/broker/src/memory/random.ts'
import type { Random } from '../../packages/broker/src/world.ts'
import { startBrokerProcess } from '../support/processes.ts'
import { RawConnection } from '../support/raw-connection.ts'
import type { ProveOptions } from './kill.ts'
import { readPartition } from './kill-check.ts'

const TOPIC = 'filling'
const PARTITIONS = 3
const DISK_MEGABYTES = 24
const MEGABYTE = 1024 * 1024
const RECOVERS_WITHIN_MS = 10_000
const settings = { 'journal.segment.sync.interval.ms': '200' }

export const prove = async ({ rounds, seed, log }: ProveOptions): Promise<{ skipped?: string }> => {
  const random = memoryRandom(seed)
  for (let round = 1; round <= rounds; round++) {
    const folder = mkdtempSync(join(tmpdir(), 'varve-full-'))
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_MEGABYTES}m`, 'tmpfs', folder], {
        stdio: 'pipe',
      })
    } catch (error) {
      rmdirSync(folder)
      return { skipped: `a file system cannot be mounted here: ${(error as Error).message.trim()}` }
    }
    try {
      const outcome = await new FullDiskRound(folder, random).run(
        round % 2 === 0 ? 'somebody else' : 'the broker',
      )
      log(`round ${round}: ${outcome}`)
    } finally {
      execFileSync('umount', [folder])
      rmdirSync(folder)
    }
  }
  return {}
}

class FullDiskRound {
  readonly #folder: string
  readonly #random: Random
  /** What was acknowledged, by partition, in the order of the offsets. */
  readonly #acknowledged: string[][] = Array.from({ length: PARTITIONS }, () => [])
  readonly #sequences: number[] = Array.from({ length: PARTITIONS }, () => 0)
  #next = 0
  #producer = { producerId: -1, producerEpoch: -1 }

  constructor(folder: string, random: Random) {
    this.#folder = folder
    this.#random = random
  }

  async run(filledBy: 'the broker' | 'somebody else'): Promise<string> {
    const dataFolder = join(this.#folder, 'data')
    mkdirSync(dataFolder)
    const filler = join(this.#folder, 'filler')
    fill(filler, (10 + this.#random.below(6)) * MEGABYTE)
    const broker = await startBrokerProcess({ dataFolder, settings })
    try {
      await using connection = await RawConnection.open({ host: '127.0.0.1', port: broker.port })
      await this.#begin(connection)
      for (let index = 0; index < 30; index++) await this.#mustProduce(connection)
      if (filledBy === 'somebody else') fill(filler, Number.POSITIVE_INFINITY)
      const refusals = await this.#produceUntilFull(connection)
      await this.#check(connection, 'while the disk is full')
      if (filledBy === 'somebody else') {
        await broker.kill()
        const refused = await startRefused(dataFolder)
        rmSync(filler)
        return `${refusals}, ${refused}, ${await this.#restartAndCheck(dataFolder)}`
      }
      rmSync(filler)
      const waitedMs = await this.#untilItRecovers(connection)
      for (let index = 0; index < 50; index++) await this.#mustProduce(connection)
      await this.#check(connection, 'with space again')
      await broker.kill()
      return `${refusals}, taken again after ${waitedMs} ms, ${await this.#restartAndCheck(dataFolder)}`
    } catch (error) {
      throw new Error(`the broker printed: ${broker.output()}`, { cause: error })
    } finally {
      await broker.kill()
    }
  }

  async #begin(connection: RawConnection): Promise<void> {
    const created = await connection.request(CreateTopics, 7, {
      topics: [
        {
          name: TOPIC,
          numPartitions: PARTITIONS,
          replicationFactor: 1,
          assignments: [],
          configs: [{ name: 'segment.bytes', value: '1048576' }],
        },
      ],
      timeoutMs: 10_000,
      validateOnly: false,
    })
    if (created.topics[0]?.errorCode !== 0) throw new Error('the topic could not be created')
    this.#producer = await connection.request(InitProducerId, 4, {
      transactionalId: null,
      transactionTimeoutMs: -1,
      producerId: -1,
      producerEpoch: -1,
    })
  }

  /** Produces until every partition refuses, and a while longer. */
  async #produceUntilFull(connection: RawConnection): Promise<string> {
    let inSequence = 0
    let refused = 0
    for (let index = 0; inSequence < 30; index++) {
      if (index === 20_000) throw new Error('the disk does not become full')
      const error = await this.#produce(connection)
      if (error !== 'NONE' && error !== 'KAFKA_STORAGE_ERROR') throw new Error(`answered ${error}`)
      inSequence = error === 'NONE' ? 0 : inSequence + 1
      if (error !== 'NONE') refused++
    }
    return `${this.#count} records, then ${refused} refusals`
  }

  async #untilItRecovers(connection: RawConnection): Promise<number> {
    const began = performance.now()
    while ((await this.#produce(connection)) !== 'NONE') {
      if (performance.now() - began > RECOVERS_WITHIN_MS) {
        throw new Error('produces are still refused though there is space')
      }
      await delay(20)
    }
    return Math.round(performance.now() - began)
  }

  async #mustProduce(connection: RawConnection): Promise<void> {
    const error = await this.#produce(connection)
    if (error !== 'NONE') throw new Error(`a produce was answered ${error}`)
  }

  /** One record, mostly small, to one partition; the even ones by an idempotent producer. What is refused is sent again under the same sequence. */
  async #produce(connection: RawConnection): Promise<string> {
    const partition = this.#random.below(PARTITIONS)
    const log = this.#acknowledged[partition] as string[]
    const mark = `p:${this.#next}`
    const isLarge = this.#random.below(10) === 0
    const builder = new BatchBuilder()
    const padding = 'x'.repeat(this.#random.below(isLarge ? 200_000 : 5_000))
    builder.append({ value: `${mark}:${padding}`, timestamp: Date.now() })
    const isIdempotent = partition > 0
    const baseSequence = this.#sequences[partition] ?? 0
    const records = builder.build(isIdempotent ? { ...this.#producer, baseSequence } : {})
    const { responses } = await connection.request(Produce, 9, {
      acks: partition === 0 ? 1 : -1,
      timeoutMs: 10_000,
      topicData: [{ name: TOPIC, partitionData: [{ index: partition, records }] }],
    })
    const answer = responses[0]?.partitionResponses[0]
    const error = errorName(answer?.errorCode ?? -1)
    if (error !== 'NONE') return error
    if (answer?.baseOffset !== log.length) {
      throw new Error(`partition ${partition} gave offset ${answer?.baseOffset}, not ${log.length}`)
    }
    log.push(mark)
    this.#next++
    if (isIdempotent) this.#sequences[partition] = baseSequence + 1
    return error
  }

  get #count(): number {
    return this.#acknowledged.reduce((sum, log) => sum + log.length, 0)
  }

  async #restartAndCheck(dataFolder: string): Promise<string> {
    await using broker = await startBrokerProcess({ dataFolder, settings })
    await using connection = await RawConnection.open({ host: '127.0.0.1', port: broker.port })
    await this.#check(connection, 'after the restart')
    for (let index = 0; index < 20; index++) await this.#mustProduce(connection)
    const code = await broker.stop()
    if (code !== 0) throw new Error(`the clean stop ended with ${code}: ${broker.output()}`)
    return `${this.#count} records are right after the restart`
  }

  async #check(connection: RawConnection, when: string): Promise<void> {
    for (const [partition, expected] of this.#acknowledged.entries()) {
      const found = await readPartition(connection, TOPIC, partition)
      if (found.join() === expected.join()) continue
      throw new Error(
        `${when}, partition ${partition} has ${found.length} records, ${expected.length} were acknowledged`,
      )
    }
  }
}

/** On a full disk the start may fail, but in one sentence. */
async function startRefused(dataFolder: string): Promise<string> {
  try {
    const broker = await startBrokerProcess({ dataFolder, settings })
    await broker.kill()
    return 'started on the full disk'
  } catch (error) {
    const { message } = error as Error
    if (!/Varve could not start: the disk of .* is full\.\n$/.test(message)) throw error
    return 'no start on the full disk'
  }
}

/** Appends zeros to a file until it is that large, or the disk is full. */
function fill(path: string, sizeBytes: number): void {
  const file = openSync(path, 'a')
  try {
    for (let blockBytes = 65_536, size = 0; size < sizeBytes; ) {
      try {
        size += writeSync(file, Buffer.alloc(blockBytes))
      } catch (error) {
        if ((error as { code?: string }).code !== 'ENOSPC') throw error
        if (blockBytes === 1) return
        blockBytes = blockBytes === 65_536 ? 4096 : 1
      }
    }
  } finally {
    closeSync(file)
  }
}
