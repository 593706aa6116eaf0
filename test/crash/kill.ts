/**
 * kill -9 in the middle of acknowledged produces, again and again on one data folder. Each round starts the broker, lets several
 * producers write, and ends it at a random moment: mostly by SIGKILL, sometimes in the middle of its recovery, now and then
 * by a clean stop. The next start must show every acknowledged record at its offset, nothing twice, nothing out of order; and
 * of topics that are compacted or have a retention just what their settings leave, while both are at work: a round ends only after
 * each of these logs has lost something in it.
 */

import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { memoryRandom } from '../../packages/broker/src/memory/random.ts'
import type { Random } from '../../packages/broker/src/world.ts'
import { type BrokerProcess, end, freePort, startBrokerProcess } from '../support/processes.ts'
import { RawConnection } from '../support/raw-connection.ts'
import { faultsOf, type PartitionContent, readPartition } from './kill-check.ts'
import type { KillProducer } from './kill-producer.ts'
import { readLog } from './kill-reader.ts'
import type { ShedPartition } from './kill-shed.ts'
import { SheddingSeen } from './kill-shedding.ts'
import {
  createTopics,
  KEEPING,
  keepingProducers,
  PARTITIONS,
  shedPartitions,
} from './kill-topics.ts'

const CLEAN_STOP_ONE_IN = 10
const KILL_RECOVERY_ONE_IN = 8
const QUIET_ONE_IN = 3
/** How long a start or a stop takes on a busy machine is not asked here. */
const PATIENCE_MS = 120_000
/** Before that the program is still being loaded. */
const EARLIEST_KILL_MS = 500

/** `none`: nothing of it runs, so that what is read is what the kill has left. */
type Housekeeping = 'hasty' | 'none'

export interface ProveOptions {
  readonly rounds: number
  readonly seed: number
  readonly log: (line: string) => void
}

/** Runs the rounds; throws with what was wrong at the first that did not hold. */
export const prove = async ({
  rounds,
  seed,
  log,
}: ProveOptions): Promise<{ passed: number; failed: number }> => {
  const dataFolder = mkdtempSync(join(tmpdir(), 'varve-kill-'))
  const run = new KillRun({ dataFolder, port: await freePort(), random: memoryRandom(seed) })
  try {
    for (let round = 1; round <= rounds; round += 1) {
      const housekeeping = round % QUIET_ONE_IN === 0 ? 'none' : 'hasty'
      log(`round ${round}: ${await run.round(housekeeping)}`)
    }
    log(`at last: ${await run.lastLook()}`)
    log(run.shedding.verdict(rounds))
  } catch (error) {
    log(`the data folder of the failure is ${dataFolder}`)
    throw error
  }
  rmSync(dataFolder, { recursive: true, force: true })
  return { passed: rounds, failed: 0 }
}

class KillRun {
  readonly #dataFolder: string
  readonly #port: number
  readonly #random: Random
  readonly #producers: readonly KillProducer[]
  readonly #shed: readonly ShedPartition[]
  readonly shedding: SheddingSeen
  #isFirst = true

  constructor(options: {
    readonly dataFolder: string
    readonly port: number
    readonly random: Random
  }) {
    this.#dataFolder = options.dataFolder
    this.#port = options.port
    this.#random = options.random
    this.#producers = keepingProducers(options.random)
    this.#shed = shedPartitions(options.random)
    this.shedding = new SheddingSeen(options.dataFolder, this.#shed)
  }

  async round(housekeeping: Housekeeping): Promise<string> {
    const broker = await this.#start(housekeeping)
    try {
      const checked = await this.#check()
      const shedding = this.#run(this.#shed.map(({ producer }) => producer))
      if (housekeeping === 'hasty')
        await Promise.race([this.shedding.atWork(() => broker.output()), shedding])
      // They come later because all that they ever wrote is read after each restart.
      const keeping = this.#run(this.#producers)
      await delay(100 + this.#random.below(700))
      const ending = await this.#end(broker)
      this.shedding.look(broker.output())
      await Promise.all([shedding, keeping])
      return `${checked}, then ${ending}; ${this.#acknowledgedCount} records acknowledged so far`
    } finally {
      await broker.kill()
    }
  }

  async #run(producers: readonly KillProducer[]): Promise<void> {
    await Promise.all(producers.map(producer => producer.run(this.#port)))
  }

  async lastLook(): Promise<string> {
    const broker = await this.#start('none')
    try {
      const checked = await this.#check()
      await broker.stop()
      return checked
    } finally {
      await broker.kill()
    }
  }

  get #allProducers(): readonly KillProducer[] {
    return [...this.#producers, ...this.#shed.map(({ producer }) => producer)]
  }

  get #acknowledgedCount(): number {
    return this.#allProducers.reduce(
      (sum, { acknowledged }) => sum + acknowledged.reduce((all, { count }) => all + count, 0),
      0,
    )
  }

  /** Starts the broker; sometimes it is killed while it recovers, and started again. */
  async #start(housekeeping: Housekeeping): Promise<BrokerProcess> {
    const settings = housekeeping === 'hasty' ? HASTY : {}
    const place = { dataFolder: this.#dataFolder, port: this.#port }
    const options = { ...place, settings, patienceMs: PATIENCE_MS }
    if (!this.#isFirst && this.#random.below(KILL_RECOVERY_ONE_IN) === 0) {
      await startAndKill(this.#dataFolder, EARLIEST_KILL_MS + this.#random.below(1_000))
    }
    const broker = await startBrokerProcess(options)
    if (this.#isFirst) await createTopics(this.#port)
    this.#isFirst = false
    return broker
  }

  async #end(broker: BrokerProcess): Promise<string> {
    if (this.#random.below(CLEAN_STOP_ONE_IN) !== 0) {
      await broker.kill()
      return 'killed'
    }
    for (const producer of this.#allProducers) producer.stop()
    const code = await broker.stop()
    if (code !== 0) throw new Error(`a clean stop ended with ${code}: ${broker.output()}`)
    return 'stopped'
  }

  async #check(): Promise<string> {
    const contents = new Map<string, PartitionContent>()
    await using connection = await RawConnection.open({ host: '127.0.0.1', port: this.#port })
    for (const topic of KEEPING) {
      for (let partition = 0; partition < PARTITIONS; partition += 1) {
        contents.set(`${topic}-${partition}`, await readPartition(connection, topic, partition))
      }
    }
    const faults = faultsOf(
      this.#producers,
      (topic, partition) => contents.get(`${topic}-${partition}`) ?? [],
    )
    for (const shed of this.#shed) {
      const log = await readLog(connection, shed.rules.topic, shed.producer.options.partition)
      faults.push(...shed.faultsOf(log, Date.now()))
    }
    if (faults.length > 0) throw new Error(`after the restart: ${faults.join('; ')}`)
    let count = 0
    for (const content of contents.values()) count += content.length
    return `${count} records are right, ${this.shedding.brief()}`
  }
}

/** Starts a broker on the folder and kills it after a while, wherever it is then. */
const startAndKill = async (dataFolder: string, afterMs: number): Promise<void> => {
  const main = fileURLToPath(new URL('../../packages/broker/src/main.ts', import.meta.url))
  const program = ['--conditions=@varve/source', '--import', 'tsx', main]
  const child = spawn(process.execPath, [...program, '--port', '0', '--data', dataFolder], {
    stdio: 'ignore',
  })
  await delay(afterMs)
  await end(child, 'SIGKILL')
}

/**
 * Compaction and retention all the time, over a small journal and hasty segment syncs, so that its files are recycled while the broker
 * dies, and cleaning keeps up: it goes no further than what is synced.
 */
const HASTY: Readonly<Record<string, string>> = {
  'log.cleaner.backoff.ms': '30',
  'log.retention.check.interval.ms': '30',
  'journal.file.bytes': '1048576',
  'journal.segment.sync.bytes': '1048576',
  'journal.segment.sync.interval.ms': '50',
}
