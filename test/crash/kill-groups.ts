/**
 * kill -9 in the middle of commits of groups that are rebalancing, again and again on one data folder, mostly on a disk that loses
 * with it what was not synced. Members of classic and
 * consumer groups commit after each record, and one joins or leaves all the time. After each restart every commit that was
 * acknowledged is there (G2), and in the log of each group no commit goes back and no partition has two owners (G1, G2).
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Varve } from '@varve/client'
import { memoryRandom } from '../../packages/broker/src/memory/random.ts'
import type { Random } from '../../packages/broker/src/world.ts'
import { groupRecordsOf, verdictOf } from '../interop/groups/offsets-log.ts'
import { type BrokerProcess, freePort, startBrokerProcess } from '../support/processes.ts'
import { type GroupSetting, KillGroup, PARTITIONS, TOPIC } from './kill-group.ts'
import { compilePreload } from './preload.ts'

export interface ProveOptions {
  readonly rounds: number
  readonly seed: number
  readonly log: (line: string) => void
}

const RECORDS = 20_000
const CHANGE_EVERY_MS = 60
const KILL_WITHIN_MS = 800
const COMMITS_WITHIN_MS = 20_000
const CLEAN_STOP_ONE_IN = 10

const SETTINGS = {
  'group.initial.rebalance.delay.ms': '0',
  'group.consumer.min.session.timeout.ms': '6000',
  'group.consumer.session.timeout.ms': '6000',
  'group.consumer.min.heartbeat.interval.ms': '200',
  'group.consumer.heartbeat.interval.ms': '200',
} as const

const GROUPS: readonly GroupSetting[] = [
  { groupId: 'range', groupProtocol: 'classic', partitionAssignors: ['range'] },
  { groupId: 'in-steps', groupProtocol: 'classic', partitionAssignors: ['cooperative-sticky'] },
  { groupId: 'consumer', groupProtocol: 'consumer' },
]

/** Runs the rounds; throws with what was wrong at the first that did not hold. */
export async function prove({
  rounds,
  seed,
  log,
}: ProveOptions): Promise<{ readonly skipped?: string }> {
  const dataFolder = mkdtempSync(join(tmpdir(), 'varve-kill-groups-'))
  const libraries = mkdtempSync(join(tmpdir(), 'varve-preload-'))
  const library = compilePreload('volatile-disk', libraries)
  if (library === undefined) log('there is no gcc: what was written and not synced outlives a kill')
  const random = memoryRandom(seed)
  const run = new KillGroupsRun({ dataFolder, port: await freePort(), random, library })
  try {
    for (let round = 1; round <= rounds; round += 1) log(`round ${round}: ${await run.round()}`)
    log(`at last: ${await run.lastLook()}`)
  } catch (error) {
    log(`the data folder of the failure is ${dataFolder}`)
    throw error
  } finally {
    await run.close()
    rmSync(libraries, { recursive: true, force: true })
  }
  rmSync(dataFolder, { recursive: true, force: true })
  return {}
}

class KillGroupsRun {
  readonly #dataFolder: string
  readonly #port: number
  readonly #random: Random
  readonly #library: string | undefined
  readonly #varve: Varve
  readonly #groups: readonly KillGroup[]
  #isFirst = true

  constructor(options: {
    readonly dataFolder: string
    readonly port: number
    readonly random: Random
    readonly library: string | undefined
  }) {
    this.#dataFolder = options.dataFolder
    this.#port = options.port
    this.#random = options.random
    this.#library = options.library
    const silent = { debug() {}, info() {}, warn() {}, error() {} }
    this.#varve = new Varve({
      brokers: [`127.0.0.1:${options.port}`],
      reconnectBackoffMaxMs: 100,
      retryBackoffMaxMs: 100,
      log: silent,
    })
    this.#groups = GROUPS.map(
      setting => new KillGroup(this.#varve, setting, memoryRandom(options.random.below(2 ** 31))),
    )
  }

  async round(): Promise<string> {
    const broker = await this.#start()
    try {
      const before = this.#acknowledgements
      await this.#check()
      const changes = await this.#changeUntil(Date.now() + COMMITS_WITHIN_MS, () =>
        this.#groups.every((group, index) => group.acknowledgements > (before[index] ?? 0)),
      )
      const more = await this.#changeUntil(
        Date.now() + this.#random.below(KILL_WITHIN_MS),
        () => false,
      )
      const ending = await this.#end(broker)
      const counts = this.#acknowledgements.map((count, index) => count - (before[index] ?? 0))
      return `all acknowledged commits are there; then ${counts.join(', ')} more, ${changes + more} changes, and ${ending}`
    } finally {
      await broker.kill()
    }
  }

  async lastLook(): Promise<string> {
    const broker = await this.#start()
    try {
      await this.#check()
      // Whoever went on would be acknowledged what is written after the log was read.
      await this.close()
      const verdicts = await Promise.all(this.#groups.map(group => this.#readLog(group)))
      return verdicts.join('; ')
    } finally {
      await broker.kill()
    }
  }

  async #readLog(group: KillGroup): Promise<string> {
    const { setting, refusals, acknowledgements } = group
    const records = await groupRecordsOf(this.#varve, setting.groupId)
    const { faults, epochs, commits } = verdictOf(records)
    const found = [...faults, ...group.lost(records)]
    if (found.length > 0) throw new Error(`${setting.groupId}: ${found.join('; ')}`)
    const refused = [...refusals].map(([name, count]) => `; refused ${count} times: ${name}`)
    const counts = `${epochs} epochs, ${commits} commits, ${acknowledgements} acknowledged`
    return `${setting.groupId}: ${counts}${refused.join('')}`
  }

  async close(): Promise<void> {
    await Promise.all(this.#groups.map(group => group.close()))
  }

  get #acknowledgements(): readonly number[] {
    return this.#groups.map(({ acknowledgements }) => acknowledgements)
  }

  async #start(): Promise<BrokerProcess> {
    const broker = await startBrokerProcess({
      dataFolder: this.#dataFolder,
      port: this.#port,
      settings: SETTINGS,
      ...this.#disk(),
    })
    if (this.#isFirst) await this.#fill()
    this.#isFirst = false
    return broker
  }

  /** Mostly a slow disk that forgets what was not synced when the broker is killed. */
  #disk() {
    const isVolatile = !this.#isFirst && this.#random.below(4) !== 0
    if (this.#library === undefined || !isVolatile) return {}
    const sync = { VOLATILE_DISK: this.#dataFolder, SYNC_MS: `${this.#random.below(60)}` }
    return { env: { LD_PRELOAD: this.#library, ...sync } }
  }

  async #fill(): Promise<void> {
    await using admin = this.#varve.admin()
    const [created] = await admin.createTopics([{ name: TOPIC, partitions: PARTITIONS }])
    if (created?.error !== undefined) throw created.error
    await using producer = this.#varve.producer()
    for (let partition = 0; partition < PARTITIONS; partition += 1) {
      const numbers = Array.from({ length: RECORDS }, (_, index) => `${index}`)
      await producer.sendBatch(numbers.map(value => ({ topic: TOPIC, partition, value })))
    }
  }

  /** Lets somebody join or leave now and then, until the condition holds or the time has come; says how often. */
  async #changeUntil(deadline: number, condition: () => boolean): Promise<number> {
    let changes = 0
    while (!condition() && Date.now() < deadline) {
      const group = this.#groups[this.#random.below(this.#groups.length)]
      group?.change()
      changes += 1
      await delay(this.#random.below(2 * CHANGE_EVERY_MS))
    }
    return changes
  }

  async #check(): Promise<void> {
    await using admin = this.#varve.admin()
    const faults = await Promise.all(this.#groups.map(group => group.faults(admin)))
    const failures = this.#groups.flatMap(group => group.failures)
    if (faults.flat().length + failures.length > 0)
      throw new Error(`after the restart: ${[...faults.flat(), ...failures].join('; ')}`)
  }

  async #end(broker: BrokerProcess): Promise<string> {
    if (this.#random.below(CLEAN_STOP_ONE_IN) !== 0) {
      await broker.kill()
      return 'killed'
    }
    const code = await broker.stop()
    if (code !== 0) throw new Error(`a clean stop ended with ${code}: ${broker.output()}`)
    return 'stopped'
  }
}
