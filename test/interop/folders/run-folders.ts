/**
 * A data folder goes from Varve to Kafka and back, and one of Kafka's to Varve and back. On each side real clients write, the broker is stopped in order,
 * and the other one has to serve the same: every record in both isolation levels, bounds, settings, commits.
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Varve } from '@varve/client'
import { startBrokerProcess } from '../../support/processes.ts'
import type { Peer } from '../peer.ts'
import { type Outcome, runInterop } from '../run.ts'
import { GROUPS, makeTopics, writeRound } from './content.ts'
import { type Contents, contentsDifference, readContents, recordsIn } from './contents.ts'
import { dumpFolder } from './dump.ts'
import { formatKafkaFolder, startKafkaServer } from './kafka-server.ts'

export const FOLDERS = 'folders'

const SERVED_WITHIN_MS = 20_000

export interface FoldersOptions {
  readonly cache: string
  readonly peers: readonly Peer[]
  readonly report: (outcome: Outcome) => void
  readonly log: (line: string) => void
}

/** Both ways; what one of them finds wrong ends it, for what comes behind would only say it again. */
export async function runFolders(options: FoldersOptions): Promise<void> {
  for (const first of ['varve', 'kafka'] as const) {
    const folder = mkdtempSync(join(tmpdir(), `varve-folder-of-${first}-`))
    const journey = new Journey(options, folder)
    try {
      if (first === 'varve') await journey.fromVarve()
      else await journey.fromKafka()
    } catch (error) {
      const problem = error instanceof Error ? (error.stack ?? error.message) : String(error)
      options.report({ peer: FOLDERS, says: journey.step, problem })
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }
}

/** On which broker the folder is. */
interface Host {
  readonly bootstrap: string
  readonly stop: () => Promise<unknown>
  readonly output: () => string
}

const SETTINGS = {
  'offsets.topic.num.partitions': '3',
  'transaction.state.log.num.partitions': '3',
  // What is not synced yet is not cleaned.
  'journal.segment.sync.interval.ms': '200',
  'log.cleaner.backoff.ms': '200',
}

class Journey {
  step = 'begins'
  readonly #options: FoldersOptions
  readonly #folder: string
  #contents: Contents | undefined
  #round = 0

  constructor(options: FoldersOptions, folder: string) {
    this.#options = options
    this.#folder = folder
  }

  async fromVarve(): Promise<void> {
    await this.#stay('a folder of Varve is written by real clients', () => this.#varve([]), [
      'peers',
      'write',
    ])
    await this.#dump()
    await this.#stay('Kafka serves a folder of Varve, and writes', () => this.#kafka(), [
      'compare',
      'write',
    ])
    await this.#refuse()
    await this.#stay('Varve adopts it back, and writes', () => this.#varve(['--adopt']), [
      'compare',
      'write',
    ])
    await this.#dump()
    await this.#stay('Kafka serves it again', () => this.#kafka(), ['compare'])
  }

  async fromKafka(): Promise<void> {
    const { cache } = this.#options
    await formatKafkaFolder(cache, this.#folder)
    await this.#stay('a folder of Kafka is written by real clients', () => this.#kafka(), [
      'peers',
      'write',
    ])
    await this.#refuse()
    await this.#stay('Varve adopts a folder of Kafka, and writes', () => this.#varve(['--adopt']), [
      'compare',
      'write',
    ])
    await this.#dump()
    await this.#stay('Varve goes on with it as with its own', () => this.#varve([]), [
      'compare',
      'write',
    ])
    await this.#stay('Kafka serves it again, and writes', () => this.#kafka(), ['compare', 'write'])
    await this.#stay('Varve adopts it once more', () => this.#varve(['--adopt']), ['compare'])
    await this.#dump()
  }

  /** One broker's time with the folder: it serves what the one before did, takes more, and is stopped in order. */
  async #stay(
    step: string,
    start: () => Promise<Host>,
    works: readonly ('peers' | 'compare' | 'write')[],
  ): Promise<void> {
    this.step = step
    const since = performance.now()
    const host = await start()
    try {
      for (const work of works) await this.#work(host, work)
    } catch (error) {
      throw new Error(`${String(error)}; the broker said ${host.output().slice(-1500)}`, {
        cause: error,
      })
    } finally {
      await host.stop()
    }
    this.#passed(`${step} (${recordsIn(this.#contents ?? new Map())} records)`, since)
  }

  async #work(host: Host, work: 'peers' | 'compare' | 'write'): Promise<void> {
    const varve = new Varve({ brokers: [host.bootstrap], clientId: 'folders' })
    switch (work) {
      case 'peers':
        await makeTopics(varve)
        return this.#writeWithPeers(host)
      case 'compare':
        return this.#compare(varve)
      case 'write':
        await writeRound(varve, this.#round++)
        this.#contents = await readContents(varve, GROUPS)
    }
  }

  /** A broker takes connections before it serves all that it has; what it serves wrongly stays wrong. */
  async #compare(varve: Varve): Promise<void> {
    const deadline = performance.now() + SERVED_WITHIN_MS
    for (;;) {
      const problem = await readContents(varve, GROUPS).then(
        contents => contentsDifference(this.#contents ?? new Map(), contents),
        (error: unknown) => String(error),
      )
      if (problem === undefined) return
      if (performance.now() > deadline) throw new Error(problem)
      await delay(200)
    }
  }

  /** Each foreign client writes once, each in another codec. */
  async #writeWithPeers({ bootstrap }: Host): Promise<void> {
    const problems: string[] = []
    await runInterop({
      bootstrap,
      peers: this.#options.peers.map((peer, index) => ({
        name: peer.name,
        compressions: [peer.compressions[index % peer.compressions.length] ?? 'none'],
        ...(peer.produce === undefined ? {} : { produce: peer.produce }),
      })),
      cache: this.#options.cache,
      sets: ['cars'],
      createTopic: () => Promise.resolve(),
      report: ({ peer, says, problem }) => {
        if (problem !== undefined) problems.push(`${peer} ${says}: ${problem}`)
      },
    })
    if (problems.length > 0) throw new Error(problems.join('; '))
  }

  async #varve(args: readonly string[]): Promise<Host> {
    const broker = await startBrokerProcess({
      from: 'dist',
      dataFolder: this.#folder,
      settings: SETTINGS,
      args,
    })
    return {
      ...broker,
      async stop() {
        const code = await broker.stop()
        if (code !== 0) throw new Error(`Varve ended with ${code}: ${broker.output().slice(-2000)}`)
      },
    }
  }

  #kafka(): Promise<Host> {
    return startKafkaServer(this.#options.cache, this.#folder)
  }

  /** Without `--adopt` a folder of Kafka's is named and left as it is. */
  async #refuse(): Promise<void> {
    this.step = 'Varve refuses the folder without --adopt'
    const since = performance.now()
    const before = readdirSync(this.#folder).join()
    const refusal = await this.#varve([]).then(
      async host => {
        await host.stop()
        return 'it started'
      },
      (error: unknown) => String(error),
    )
    const isClear =
      refusal.includes('was last used by Kafka') && refusal.includes('start with --adopt')
    if (!isClear) throw new Error(`it said: ${refusal}`)
    if (readdirSync(this.#folder).join() !== before) throw new Error('it changed the folder')
    this.#passed(this.step, since)
  }

  async #dump(): Promise<void> {
    this.step = "Kafka's DumpLogSegments reads every file of Varve"
    const since = performance.now()
    const { files, faults } = await dumpFolder(this.#options.cache, this.#folder, COMPACTED)
    if (faults.length > 0) throw new Error(faults.join('; '))
    this.#passed(`${this.step} (${files} files)`, since)
  }

  #passed(says: string, since: number): void {
    const seconds = ((performance.now() - since) / 1000).toFixed(1)
    this.#options.log(`${FOLDERS}: ${says} in ${seconds} s`)
    this.#options.report({ peer: FOLDERS, says, problem: undefined })
  }
}

const COMPACTED: ReadonlySet<string> = new Set([
  'compacted',
  '__consumer_offsets',
  '__transaction_state',
])
