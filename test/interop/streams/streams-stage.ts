import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { type Producer, Varve } from '@varve/client'
import { JavaProgram, until } from '../java-program.ts'
import { MortalBroker } from '../mortal-broker.ts'
import { CountsReader } from './counts-reader.ts'
import { wordsOf } from './words.ts'

export const APPLICATION = 'word-count'
export const LINES = 'lines'
export const COUNTS = 'word-counts'
export const PARTITIONS = 4

const WAVE_MS_MAX = 120_000
const RUNNING_MS_MAX = 60_000
/** The part of a wave that is counted when somebody is killed. */
const MIDDLE = 0.25

interface Place {
  readonly classPath: readonly string[]
  /** Where the program keeps its state. */
  readonly folder: string
}

/** A broker, the program that counts, who writes lines, and who reads counts. */
export class StreamsStage {
  readonly broker: MortalBroker
  readonly reader: CountsReader
  programKills = 0
  /** What every program complained of. */
  readonly complaints: string[] = []
  readonly #place: Place
  readonly #varve: Varve
  readonly #producer: Producer
  #program: JavaProgram
  #stateFolder: string
  #restored = 0
  #words = 0

  private constructor(broker: MortalBroker, place: Place) {
    this.broker = broker
    this.#place = place
    this.#varve = new Varve({ brokers: [broker.bootstrap], clientId: 'stage', log: SILENT })
    this.#producer = this.#varve.producer({ lingerMs: 5, batchSizeBytes: 8192 })
    this.reader = new CountsReader(this.#varve, COUNTS, 'goOn')
    this.#stateFolder = mkdtempSync(join(place.folder, 'state-'))
    this.#program = this.#start('classic')
  }

  static async open(place: Place): Promise<StreamsStage> {
    const broker = await MortalBroker.start('streams-broker')
    try {
      await using admin = new Varve({ brokers: [broker.bootstrap] }).admin()
      const topics = [LINES, COUNTS].map(name => ({ name, partitions: PARTITIONS }))
      for (const { error } of await admin.createTopics(topics)) if (error !== undefined) throw error
      return new StreamsStage(broker, place)
    } catch (error) {
      await broker[Symbol.asyncDispose]()
      throw error
    }
  }

  get restored(): number {
    return this.#restored + restoredBy(this.#program)
  }

  /** Writes the lines, does something in the middle of their being counted, and waits until all are. */
  async wave(lines: readonly string[], inTheMiddle: () => Promise<void>): Promise<void> {
    const before = this.#words
    const words = lines.flatMap(wordsOf).length
    this.#words += words
    // Lines are still on their way when somebody is killed.
    const half = Math.floor(lines.length / 2)
    const first = this.#write(lines.slice(0, half))
    // It is awaited only after what may fail before.
    first.catch(() => undefined)
    await until('the middle of a wave', WAVE_MS_MAX, () => this.#has(before + words * MIDDLE))
    const rest = this.#write(lines.slice(half))
    rest.catch(() => undefined)
    await inTheMiddle()
    await Promise.all([first, rest])
    await until(`all ${this.#words} words are counted`, WAVE_MS_MAX, () => this.#has(this.#words))
  }

  /** SIGKILL, and another one of it with the same folder, or with none. */
  async killProgram(state: 'keepState' | 'loseState'): Promise<void> {
    await this.#program.kill()
    this.#leave()
    this.programKills += 1
    if (state === 'loseState') this.#stateFolder = mkdtempSync(join(this.#place.folder, 'state-'))
    this.#program = this.#start('classic')
    await this.#program.says('state\tRUNNING', RUNNING_MS_MAX)
  }

  /** What its store has, by its own word. */
  async store(): Promise<Map<string, number>> {
    this.#program.tell('store')
    await this.#program.says('end of store', RUNNING_MS_MAX)
    const lines = this.#program.lines.filter(line => line.startsWith('count\t'))
    return new Map(
      lines.map(line => {
        const [, word = '', count] = line.split('\t')
        return [word, Number(count)]
      }),
    )
  }

  /** All committed counts, by a reader that has never seen one. */
  async readAgain(): Promise<CountsReader> {
    await using reader = new CountsReader(this.#varve, COUNTS, 'stopAtEnd')
    await reader.ended
    return reader
  }

  account(): string {
    return `${this.reader.total} of ${this.#words} words are counted; ${this.#program.account()}`
  }

  /** Ends the program in order. */
  async close(): Promise<void> {
    this.#program.tell('exit')
    await this.#program.says('closed', RUNNING_MS_MAX)
    this.#leave()
  }

  /** With `group.protocol=streams` (KIP-1071), which our broker does not advertise, it has to end with a reason. */
  async streamsGroupFaults(): Promise<string[]> {
    this.#program = this.#start('streams')
    await this.#program.says('state\tERROR', RUNNING_MS_MAX)
    await this.#program.kill()
    const isClear = this.#program.complaints.some(line =>
      line.includes('The node does not support STREAMS_GROUP_HEARTBEAT'),
    )
    return isClear ? [] : [this.#program.account()]
  }

  async #write(lines: readonly string[]): Promise<void> {
    await this.#producer.sendBatch(lines.map(value => ({ topic: LINES, value })))
  }

  #has(words: number): boolean {
    const [fault] = this.reader.faults
    if (fault !== undefined) throw new Error(fault)
    if (this.#program.isEnded) throw new Error('the program ended')
    return this.reader.total >= words
  }

  #start(groupProtocol: 'classic' | 'streams'): JavaProgram {
    return new JavaProgram({
      name: 'the word count',
      classPath: this.#place.classPath,
      program: 'WordCount',
      args: [this.broker.bootstrap, APPLICATION, this.#stateFolder, LINES, COUNTS, groupProtocol],
    })
  }

  /** Keeps what there is to know of a program that goes. */
  #leave(): void {
    this.#restored += restoredBy(this.#program)
    this.complaints.push(...this.#program.complaints)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#program.kill()
    await this.reader[Symbol.asyncDispose]()
    await this.#producer.close().catch(() => undefined)
    await this.broker[Symbol.asyncDispose]()
  }
}

const SILENT = { debug() {}, info() {}, warn() {}, error() {} }

const restoredBy = ({ lines }: JavaProgram): number =>
  lines
    .filter(line => line.startsWith('restored\t'))
    .reduce((sum, line) => sum + Number(line.split('\t')[2]), 0)
