/** Readers of whole partitions: one request under way on each connection, every batch's offsets looked at, and its records counted. */
import { connect, type Socket } from 'node:net'
import { receiveBuffer } from './drive.ts'
import { FetchWalk, type WalkedBatch } from './fetch-walk.ts'
import { aimFetch, fetchFrame } from './frames.ts'

export interface ConsumeLoad {
  readonly type: 'consume'
  readonly port: number
  readonly topic: string
  /** Of these partitions, and no others; the connections share them. */
  readonly partitions: readonly number[]
  readonly connections: number
  /** Where to begin, by partition in the same order; at 0 when left out. */
  readonly from?: readonly number[]
  /** The offset up to which each partition is read, or the high watermark as it is met. */
  readonly until: number | 'end'
  readonly maxBytes: number
  readonly minBytes: number
  readonly maxWaitMs: number
  /** Ends there even when not everything was read. */
  readonly forMs?: number
  /** Retention may be faster: what is asked for and gone ends the reader, and is no error. */
  readonly mayBeGone?: boolean
}

export interface Consumed {
  readonly records: number
  readonly answers: number
  readonly recordsBytes: number
  /** Where each partition was left, in the order of `partitions`. */
  readonly positions: readonly number[]
}

const OFFSET_OUT_OF_RANGE = 1

export async function consume(load: ConsumeLoad): Promise<Consumed> {
  const positions = load.partitions.map((_, index) => load.from?.[index] ?? 0)
  const readers = Array.from(
    { length: Math.min(load.connections, load.partitions.length) },
    (_, first) => new Reader(load, positions, first),
  )
  await Promise.all(readers.map(reader => reader.read()))
  return {
    records: readers.reduce((sum, reader) => sum + reader.records, 0),
    answers: readers.reduce((sum, reader) => sum + reader.answers, 0),
    recordsBytes: readers.reduce((sum, reader) => sum + reader.recordsBytes, 0),
    positions,
  }
}

/** One connection, which reads one partition after the other, or in turns when only the time ends it. */
class Reader {
  readonly #load: ConsumeLoad
  readonly #positions: number[]
  readonly #walk: FetchWalk
  readonly #frame: Buffer
  /** Index into `partitions`. */
  #index: number
  #socket!: Socket
  #endsAt: number
  records = 0
  answers = 0
  recordsBytes = 0

  constructor(load: ConsumeLoad, positions: number[], first: number) {
    this.#load = load
    this.#positions = positions
    this.#index = first
    this.#endsAt = performance.now() + (load.forMs ?? Infinity)
    this.#walk = new FetchWalk(load.topic, batch => this.#count(batch))
    const { minBytes, maxWaitMs } = load
    this.#frame = fetchFrame(load.topic, 0, load.maxBytes, { partition: 0, minBytes, maxWaitMs })
  }

  read(): Promise<void> {
    return new Promise((resolve, reject) => {
      const onread = {
        buffer: receiveBuffer,
        callback: (bytes: number): boolean => {
          try {
            if (this.#take(receiveBuffer.subarray(0, bytes))) {
              resolve()
              this.#socket.destroy()
            }
          } catch (error) {
            reject(error as Error)
            this.#socket.destroy()
          }
          return true
        },
      }
      this.#socket = connect({ port: this.#load.port, host: '127.0.0.1', onread })
      this.#socket.setNoDelay(true)
      this.#socket.once('connect', () => this.#ask())
      this.#socket.once('error', reject)
      this.#socket.once('close', () =>
        reject(new Error(`a reader was closed after ${this.records} records`)),
      )
    })
  }

  #ask(): void {
    const partition = this.#load.partitions[this.#index] ?? 0
    aimFetch(this.#frame, partition, this.#positions[this.#index] ?? 0)
    this.#socket.write(this.#frame)
  }

  /** Says whether everything was read. */
  #take(chunk: Buffer): boolean {
    let at = 0
    while (at < chunk.length) {
      at = this.#walk.take(chunk, at)
      if (!this.#walk.isDone) continue
      if (this.#load.mayBeGone === true && this.#walk.errorCode === OFFSET_OUT_OF_RANGE) return true
      if (this.#walk.errorCode !== 0)
        throw new Error(`a fetch was answered with the error ${this.#walk.errorCode}`)
      this.answers += 1
      this.recordsBytes += this.#walk.recordsBytes
      if (!this.#moveOn()) return true
      this.#ask()
    }
    return false
  }

  /** Chooses what to ask for next; false when nothing is left. */
  #moveOn(): boolean {
    const { until, connections, partitions, forMs } = this.#load
    if (forMs !== undefined && performance.now() >= this.#endsAt) return false
    const wanted = until === 'end' ? this.#walk.highWatermark : until
    if ((this.#positions[this.#index] ?? 0) < wanted) return true
    this.#index += Math.min(connections, partitions.length)
    return this.#index < partitions.length
  }

  #count({ baseOffset, lastOffset, records }: WalkedBatch): void {
    const expected = this.#positions[this.#index] ?? 0
    // A fetch may begin within a batch that was read before.
    if (lastOffset < expected) return
    if (baseOffset !== expected) {
      const partition = this.#load.partitions[this.#index]
      throw new Error(
        `${this.#load.topic}-${partition}: offset ${expected} should come next, and ${baseOffset} came`,
      )
    }
    this.records += records
    this.#positions[this.#index] = lastOffset + 1
  }
}
