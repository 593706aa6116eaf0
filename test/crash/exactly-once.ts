/**
 * `npm run prove -- exactly-once`: kill -9 of the broker and of the workers at random points, on one data folder, mostly on a disk that loses
 * what was not synced. Copiers read numbers, write them to another topic and commit their offsets in one transaction: the copies are the
 * numbers, each once and in order. Transfers move amounts between accounts in different partitions: their sum never changes, and what was told
 * to be committed is there, read by our client and by kcat.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Varve } from '@varve/client'
import { memoryRandom } from '../../packages/broker/src/memory/random.ts'
import type { Random } from '../../packages/broker/src/world.ts'
import { type BrokerProcess, freePort, startBrokerProcess } from '../support/processes.ts'
import {
  copyFaults,
  type Read,
  readByKcat,
  readByVarve,
  transferFaults,
} from './exactly-once-check.ts'
import { ACCOUNT_PARTITIONS, ACCOUNTS, INPUT, OUTPUT } from './exactly-once-topics.ts'
import { buildWorker, Workers } from './exactly-once-workers.ts'
import { compilePreload } from './preload.ts'

export interface ProveOptions {
  readonly rounds: number
  readonly seed: number
  readonly log: (line: string) => void
}

const PARTITIONS = 3
const COPIERS = 3
const TRANSFERRERS = 2
const NUMBERS_A_ROUND = 900
const KILL_WITHIN_MS = 1_500
const WORKER_KILL_EVERY_MS = 500
const PROGRESS_WITHIN_MS = 40_000
const STUCK_MS = 60_000

const SETTINGS = {
  'group.initial.rebalance.delay.ms': '0',
  'group.consumer.min.session.timeout.ms': '6000',
  'group.consumer.session.timeout.ms': '6000',
  'group.consumer.min.heartbeat.interval.ms': '200',
  'group.consumer.heartbeat.interval.ms': '200',
}

/** Runs the rounds; throws with what was wrong at the first that did not hold. */
export async function prove({ rounds, seed, log }: ProveOptions): Promise<object> {
  const dataFolder = mkdtempSync(join(tmpdir(), 'varve-exactly-once-'))
  const libraries = mkdtempSync(join(tmpdir(), 'varve-preload-'))
  const library = compilePreload('volatile-disk', libraries)
  if (library === undefined) log('there is no gcc: what was written and not synced outlives a kill')
  const worker = await buildWorker()
  const run = new ExactlyOnce({
    ...{
      dataFolder,
      port: await freePort(),
      program: worker.path,
      library,
      random: memoryRandom(seed),
    },
    protocol: seed % 2 === 0 ? 'classic' : 'consumer',
  })
  try {
    for (let round = 1; round <= rounds; round += 1) log(`round ${round}: ${await run.round()}`)
    log(`at last: ${await run.lastLook()}`)
  } catch (error) {
    log(`the data folder of the failure is ${dataFolder}`)
    throw error
  } finally {
    await run.close()
    worker.remove()
    rmSync(libraries, { recursive: true, force: true })
  }
  rmSync(dataFolder, { recursive: true, force: true })
  return {}
}

interface Given {
  readonly dataFolder: string
  readonly port: number
  readonly program: string
  readonly library: string | undefined
  readonly random: Random
  readonly protocol: 'classic' | 'consumer'
}

class ExactlyOnce {
  readonly #given: Given
  readonly #varve: Varve
  readonly #copiers: Workers
  readonly #transferrers: Workers
  readonly #committed = new Set<string>()
  readonly #aborted = new Set<string>()
  /** How many numbers each partition of the input holds. */
  readonly #written = Array.from({ length: PARTITIONS }, () => 0)
  #copied = 0
  #isFirst = true
  #killed = 0

  constructor(given: Given) {
    this.#given = given
    const { port, program, protocol, random } = given
    const silent = { debug() {}, info() {}, warn() {}, error() {} }
    this.#varve = new Varve({
      brokers: [`127.0.0.1:${port}`],
      ...{ reconnectBackoffMaxMs: 100, retryBackoffMaxMs: 100, log: silent },
    })
    const common = { port, program, protocol, random: memoryRandom(random.below(2 ** 31)) }
    this.#copiers = new Workers({
      ...{ ...common, role: 'copy', count: COPIERS },
      hear: () => {
        this.#copied += 1
      },
    })
    this.#transferrers = new Workers({
      ...{ ...common, role: 'transfer', count: TRANSFERRERS },
      hear: line => {
        const [what, id = ''] = line.split(' ')
        if (what === 'committed') this.#committed.add(id)
        else this.#aborted.add(id)
      },
    })
  }

  async round(): Promise<string> {
    const broker = await this.#start()
    try {
      const checked = await this.#checkAccounts()
      await this.#checkCopies(await readByVarve(this.#given.port, OUTPUT, 'read_committed'), [])
      const before = { copied: this.#copied, committed: this.#committed.size }
      this.#copiers.start()
      this.#transferrers.start()
      await this.#writeNumbers(NUMBERS_A_ROUND)
      const hasProgress = () =>
        this.#copied > before.copied && this.#committed.size > before.committed
      await this.#killWorkersUntil(Date.now() + PROGRESS_WITHIN_MS, hasProgress)
      if (!hasProgress()) throw new Error(`nothing was committed for long: ${this.#failures()}`)
      await this.#killWorkersUntil(
        Date.now() + this.#given.random.below(KILL_WITHIN_MS),
        () => false,
      )
      const isKilled = this.#given.random.below(10) !== 0
      // Who goes on writing is to see the broker go.
      if (isKilled) await broker.kill()
      else await broker.stop()
      await this.#transferrers.killAll()
      const copied = this.#copied - before.copied
      const committed = this.#committed.size - before.committed
      return `${checked}; then ${copied} copying transactions, ${committed} transfers, and ${isKilled ? 'killed' : 'stopped'}`
    } finally {
      await broker.kill()
    }
  }

  async lastLook(): Promise<string> {
    const broker = await this.#start()
    const { port } = this.#given
    try {
      const checked = await this.#checkAccounts()
      this.#copiers.start()
      const sum = this.#written.reduce((all, count) => all + count, 0)
      let copies: Read[] = []
      for (let deadline = Date.now() + STUCK_MS; copies.length < sum; ) {
        await delay(2_000)
        const before = copies.length
        copies = await readByVarve(port, OUTPUT, 'read_committed')
        if (copies.length > before) deadline = Date.now() + STUCK_MS
        else if (Date.now() > deadline) break
      }
      await this.#copiers.killAll()
      await this.#checkCopies(copies, this.#written)
      const all = await readByVarve(port, OUTPUT, 'read_uncommitted')
      const byKcat = await readByKcat(port, OUTPUT)
      if (byKcat !== undefined) await this.#checkCopies(byKcat, this.#written)
      return (
        `${sum} numbers, each copied once and in order by our client` +
        `${byKcat === undefined ? '' : ' and by kcat'}, ${all.length - sum} more copies were aborted; ${checked}; ` +
        `${this.#killed} workers were killed${this.#failures()}`
      )
    } finally {
      await broker.kill()
    }
  }

  #failures(): string {
    const failed = [...this.#copiers.failures, ...this.#transferrers.failures]
    return failed.map(([why, count]) => `\n  ${count} workers ended by themselves: ${why}`).join('')
  }

  async close(): Promise<void> {
    await Promise.all([this.#copiers.killAll(), this.#transferrers.killAll()])
  }

  async #start(): Promise<BrokerProcess> {
    const { dataFolder, port } = this.#given
    const how = { from: 'dist', patienceMs: 60_000 } as const
    const started = { dataFolder, port, settings: SETTINGS, ...how, ...this.#disk() }
    const broker = await startBrokerProcess(started)
    if (this.#isFirst) {
      await using admin = this.#varve.admin()
      const topics = [
        { name: INPUT, partitions: PARTITIONS },
        { name: OUTPUT, partitions: PARTITIONS },
        { name: ACCOUNTS, partitions: ACCOUNT_PARTITIONS },
      ]
      for (const { error } of await admin.createTopics(topics)) if (error !== undefined) throw error
    }
    this.#isFirst = false
    return broker
  }

  /** Mostly a slow disk that forgets what was not synced when the broker is killed. */
  #disk() {
    const { dataFolder, library, random } = this.#given
    if (library === undefined || this.#isFirst || random.below(4) === 0) return {}
    const sync = { VOLATILE_DISK: dataFolder, SYNC_MS: `${random.below(20)}` }
    return { env: { LD_PRELOAD: library, ...sync } }
  }

  async #writeNumbers(count: number): Promise<void> {
    await using producer = this.#varve.producer()
    const records = Array.from({ length: count }, (_, index) => {
      const partition = index % PARTITIONS
      const value = `${this.#written[partition]}`
      this.#written[partition] = Number(value) + 1
      return { topic: INPUT, partition, value }
    })
    await producer.sendBatch(records)
  }

  async #killWorkersUntil(deadline: number, condition: () => boolean): Promise<void> {
    const { random } = this.#given
    while (!condition() && Date.now() < deadline) {
      await delay(random.below(2 * WORKER_KILL_EVERY_MS))
      // Workers take a while to begin: they are killed one at a time, and not always.
      if (random.below(3) !== 0) continue
      await (random.below(2) === 0 ? this.#copiers : this.#transferrers).killOne()
      this.#killed += 1
    }
  }

  /** Who had the ids is fenced, so that nothing is open: then what other clients read has to balance. */
  async #checkAccounts(): Promise<string> {
    const { port } = this.#given
    for (let slot = 0; slot < TRANSFERRERS; slot += 1) {
      await using producer = this.#varve.producer({ transactionalId: `transfers-${slot}` })
      await producer.initTransactions()
    }
    const read =
      (await readByKcat(port, ACCOUNTS)) ?? (await readByVarve(port, ACCOUNTS, 'read_committed'))
    const faults = transferFaults(read, { committed: this.#committed, aborted: this.#aborted })
    if (faults.length > 0) throw new Error(`the accounts: ${faults.join('; ')}`)
    return `${read.length / 2} transfers balance`
  }

  async #checkCopies(read: readonly Read[], least: readonly number[]): Promise<void> {
    const faults = copyFaults(read, least.length > 0 ? least : this.#written.map(() => 0))
    if (faults.length > 0) throw new Error(`the copies: ${faults.join('; ')}`)
  }
}
