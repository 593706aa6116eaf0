/**
 * Two workers share connectors: sources that write each line exactly once, and sinks. The broker is killed, a worker is killed and comes
 * back, both are killed; then offsets are taken back through their REST interface.
 */
import { join } from 'node:path'
import { Varve } from '@varve/client'
import { Attempts } from '../attempts.ts'
import { unexpectedComplaints } from '../complaints.ts'
import { until } from '../java-program.ts'
import { MortalBroker } from '../mortal-broker.ts'
import { ConnectCluster, SHARED_TOPICS } from './cluster.ts'
import {
  GrowingFile,
  lineDifference,
  numberedLines,
  stepsBack,
  writtenLines,
} from './line-files.ts'
import { moveWave } from './move-wave.ts'
import type { ConnectOptions } from './run-connect.ts'
import { topicLines } from './topic-lines.ts'
import { sinkOf, sourceOf, type Worker } from './worker.ts'

const WAVE_LINES = 1_000
const SHARED_MS_MAX = 60_000

/** A file, a topic and a file, with a connector between each. */
interface Way {
  readonly topic: string
  readonly source: GrowingFile
  readonly sink: string
}

export async function runDistributed(options: ConnectOptions, folder: string): Promise<void> {
  await using broker = await MortalBroker.start('connect-broker')
  const { bootstrap } = broker
  const names = ['worker-one', 'worker-two']
  const { cache } = options
  await using cluster = await ConnectCluster.start(names, { cache, folder, bootstrap })
  const ways = ['left', 'right'].map(topic => ({
    topic,
    source: new GrowingFile(join(folder, `${topic}-source.txt`)),
    sink: join(folder, `${topic}-sink.txt`),
  }))
  const stage = new DistributedStage({ options, broker, cluster, ways })
  if (await stage.begin()) await stage.waves()
  await stage.checks()
}

class DistributedStage {
  readonly #attempts: Attempts
  readonly #broker: MortalBroker
  readonly #cluster: ConnectCluster
  readonly #ways: readonly Way[]
  readonly #connectors: readonly string[]
  readonly #varve: Varve

  constructor(given: {
    readonly options: ConnectOptions
    readonly broker: MortalBroker
    readonly cluster: ConnectCluster
    readonly ways: readonly Way[]
  }) {
    this.#attempts = new Attempts('connect distributed', given.options)
    this.#broker = given.broker
    this.#cluster = given.cluster
    this.#ways = given.ways
    this.#connectors = given.ways.flatMap(({ topic }) => [`${topic}-source`, `${topic}-sink`])
    this.#varve = new Varve({ brokers: [given.broker.bootstrap] })
  }

  async begin(): Promise<boolean> {
    return this.#attempts.attempt('shares four connectors between two workers', async () => {
      for (const { topic, source, sink } of this.#ways) {
        await this.#cluster.create(`${topic}-source`, {
          ...sourceOf(source.path, topic),
          'exactly.once.support': 'required',
        })
        await this.#cluster.create(`${topic}-sink`, sinkOf(sink, topic))
      }
      await this.#untilShared()
      return []
    })
  }

  async waves(): Promise<void> {
    const [one] = this.#cluster.workers
    if (one === undefined) return
    const acts: readonly (readonly [string, () => Promise<void>])[] = [
      ['moves lines', () => Promise.resolve()],
      ['moves on after the broker is killed', () => this.#broker.killFor(500)],
      ['moves the tasks of a worker that is killed', () => this.#lose(one)],
      ['shares again with a worker that is back', () => this.#takeBack(one)],
      ['moves on after the broker and a worker are killed', () => this.#loseBoth(one)],
      ['moves on after the broker is away for three seconds', () => this.#broker.killFor(3_000)],
    ]
    const lines = numberedLines()
    for (const [index, [says, act]] of acts.entries()) {
      const wave = lines.slice(index * WAVE_LINES, (index + 1) * WAVE_LINES)
      const isWell = await this.#attempts.attempt(says, async () => {
        await moveWave({ ways: this.#ways, wave, act })
        return []
      })
      if (!isWell) return this.#attempts.say(this.#cluster.account())
    }
  }

  async checks(): Promise<void> {
    const attempt: Attempts['attempt'] = (says, work) => this.#attempts.attempt(says, work)
    await attempt('writes each line exactly once into its topic, in order', () =>
      this.#topicFaults(),
    )
    let duplicates = 0
    await attempt('loses no line on its way to a file', () => {
      const differences = this.#ways.map(({ source, sink }) =>
        lineDifference(source.lines, writtenLines(sink)),
      )
      duplicates = differences.reduce((sum, each) => sum + each.duplicates, 0)
      return Promise.resolve(differences.flatMap(({ faults }) => faults))
    })
    await attempt('finds its own topics as it made them', () => this.#sharedTopicFaults())
    await attempt('takes back the offsets of a source and of a sink', () => this.#resetFaults())
    await attempt('complains of nothing but what comes with a kill', async () => {
      await Promise.all(this.#cluster.workers.map(worker => worker.stop()))
      return unexpectedComplaints(this.#cluster.workers.flatMap(({ complaints }) => complaints))
    })
    const lines = this.#ways.reduce((sum, { source }) => sum + source.lines.length, 0)
    const kills = this.#cluster.workers.reduce((sum, worker) => sum + worker.kills, 0)
    this.#attempts.say(
      `${lines} lines, ${this.#broker.kills} kills of the broker, ${kills} of a worker; ` +
        `${duplicates} lines twice in the files`,
    )
  }

  async #lose(worker: Worker): Promise<void> {
    await worker.kill()
    await this.#cluster.running(this.#connectors)
  }

  async #takeBack(worker: Worker): Promise<void> {
    await worker.startAgain()
    await this.#untilShared()
  }

  async #loseBoth(worker: Worker): Promise<void> {
    await Promise.all([worker.kill(), this.#broker.killFor(500)])
    await this.#cluster.running(this.#connectors)
    await worker.startAgain()
  }

  /** They run where they ran before, until the workers have agreed anew. */
  async #untilShared(): Promise<void> {
    const { workers } = this.#cluster
    await until('each worker has a task', SHARED_MS_MAX, async () => {
      const busy = new Set((await this.#cluster.running(this.#connectors)).values())
      return busy.size === workers.length
    })
  }

  async #topicFaults(): Promise<string[]> {
    const faults: string[] = []
    for (const { topic, source } of this.#ways) {
      const partitions = [...(await topicLines(this.#varve, topic)).values()]
      const difference = lineDifference(source.lines, partitions.flat())
      faults.push(...difference.faults.map(fault => `${topic}: ${fault}`))
      if (difference.duplicates > 0) faults.push(`${topic}: ${difference.duplicates} lines twice`)
      const back = partitions.reduce((sum, lines) => sum + stepsBack(lines), 0)
      if (back > 0) faults.push(`${topic}: ${back} steps back`)
    }
    return faults
  }

  async #sharedTopicFaults(): Promise<string[]> {
    await using admin = this.#varve.admin()
    const names = Object.keys(SHARED_TOPICS)
    const topics = await admin.describeTopics(names)
    const configs = await admin.describeConfigs(names.map(name => ({ type: 'topic', name })))
    const counts = topics.map(({ name, partitions }) => `${name} ${partitions.length}`).join()
    const expected = Object.entries(SHARED_TOPICS).map(entry => entry.join(' '))
    return [
      ...(counts === expected.join() ? [] : [counts]),
      ...configs
        .filter(each => valueOf(each.configs, 'cleanup.policy') !== 'compact')
        .map(({ name }) => `${name} is not compacted`),
    ]
  }

  /** Fences the producers of a source, writes to the topic of offsets in a transaction, and deletes a group. */
  async #resetFaults(): Promise<string[]> {
    const [way] = this.#ways
    if (way === undefined) return ['there is no way']
    for (const name of [`${way.topic}-source`, `${way.topic}-sink`]) {
      const path = `/connectors/${name}`
      const before = JSON.stringify(await this.#cluster.ask('GET', `${path}/offsets`))
      if (!before.includes('"partition":{')) return [`${name} has offsets ${before}`]
      await this.#cluster.ask('PUT', `${path}/stop`)
      await this.#cluster.stopped(name)
      await this.#cluster.ask('DELETE', `${path}/offsets`)
      const after = JSON.stringify(await this.#cluster.ask('GET', `${path}/offsets`))
      if (after !== '{"offsets":[]}')
        return [`${name} has offsets ${after} after they were deleted`]
      await this.#cluster.ask('DELETE', path)
    }
    return []
  }
}

const valueOf = (
  configs: readonly { readonly name: string; readonly value: string | null }[],
  wanted: string,
): string | null | undefined => configs.find(({ name }) => name === wanted)?.value
