import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '../../support/processes.ts'
import { JavaProgram, until } from '../java-program.ts'
import { TELL_OF_STARTS, withoutWaitsForStarts } from './starting-tasks.ts'

export type Settings = Readonly<Record<string, string | number>>

const STARTED_MS_MAX = 90_000
const ANSWER_MS_MAX = 90_000

/** Whether `install.sh` found what it takes. */
export const hasConnect = (cache: string): boolean => existsSync(join(cache, 'connect/jars'))

export interface WorkerOptions {
  readonly name: string
  readonly cache: string
  /** Where its properties are kept. */
  readonly folder: string
  readonly program: 'ConnectStandalone' | 'ConnectDistributed'
  readonly settings: Settings
  /** Of a standalone worker, which is given them at its start. */
  readonly connectors: Readonly<Record<string, Settings>>
}

/** A process of Kafka Connect, which comes back to its port when it is started again. */
export class Worker {
  /** `host:port`, as the cluster knows it. */
  readonly id: string
  kills = 0
  /** From its end to when it answers again. */
  isAway = false
  readonly complaints: string[] = []
  readonly #options: WorkerOptions
  #program: JavaProgram

  private constructor(options: WorkerOptions, port: number) {
    this.#options = options
    this.id = `127.0.0.1:${port}`
    this.#program = this.#begin()
  }

  /** Resolves when it answers. */
  static async start(options: WorkerOptions): Promise<Worker> {
    const worker = new Worker(options, await freePort())
    try {
      await worker.#answers()
      return worker
    } catch (error) {
      await worker.kill()
      throw error
    }
  }

  async kill(): Promise<void> {
    this.isAway = true
    await this.#program.kill()
    this.complaints.push(...withoutWaitsForStarts(this.#program.complaints))
    this.kills += 1
  }

  async startAgain(): Promise<void> {
    this.#program = this.#begin()
    await this.#answers()
    this.isAway = false
  }

  /** SIGTERM. */
  async stop(): Promise<void> {
    await this.#program.stop()
    this.complaints.push(...withoutWaitsForStarts(this.#program.complaints))
  }

  /** What its REST interface answers; an answer that is a refusal is an error. */
  async ask(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: object) {
    const response = await fetch(`http://${this.id}${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(ANSWER_MS_MAX),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text.slice(0, 300)}`)
    return (text === '' ? {} : JSON.parse(text)) as unknown
  }

  account(): string {
    return this.#program.account()
  }

  async #answers(): Promise<void> {
    await until(`${this.#options.name} answers`, STARTED_MS_MAX, () => {
      if (this.#program.isEnded) throw new Error(`it ended: ${this.account()}`)
      return this.ask('GET', '/connectors').then(
        () => true,
        () => false,
      )
    })
  }

  #begin(): JavaProgram {
    const { name, cache, folder, program, settings, connectors } = this.#options
    const jars = join(cache, 'connect/jars')
    const file = (of: string, content: Settings): string => {
      const path = join(folder, `${of}.properties`)
      const lines = Object.entries(content).map(entry => entry.join('='))
      writeFileSync(path, lines.join('\n'))
      return path
    }
    const own: Settings = {
      listeners: `http://${this.id}`,
      'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
      'value.converter': 'org.apache.kafka.connect.storage.StringConverter',
      'offset.flush.interval.ms': 1000,
      // Who was killed is missed sooner than after 45 s.
      'consumer.session.timeout.ms': 6000,
      'consumer.heartbeat.interval.ms': 1000,
      'plugin.path': join(jars, 'connect-file-4.2.0.jar'),
      'plugin.discovery': 'service_load',
      ...settings,
    }
    return new JavaProgram({
      name,
      classPath: [join(jars, '*')],
      program: `org.apache.kafka.connect.cli.${program}`,
      args: [
        file(name, own),
        ...Object.entries(connectors).map(([of, content]) => file(of, { name: of, ...content })),
      ],
      heard: TELL_OF_STARTS,
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#program.kill()
  }
}

/** A connector that reads the lines of a file into a topic, which it makes. */
export const sourceOf = (file: string, topic: string): Settings => ({
  'connector.class': 'org.apache.kafka.connect.file.FileStreamSourceConnector',
  'tasks.max': 1,
  file,
  topic,
  'topic.creation.default.partitions': 3,
  'topic.creation.default.replication.factor': 1,
})

/** A connector that writes the values of a topic into a file. */
export const sinkOf = (file: string, topic: string): Settings => ({
  'connector.class': 'org.apache.kafka.connect.file.FileStreamSinkConnector',
  'tasks.max': 1,
  file,
  topics: topic,
})
