/**
 * Latency without coordinated omission: one record each so often, sent when it is due and not when the one before is done, and its
 * latency counted from when it was due. A second connection waits at the end of the log for the records to come out.
 */
import { connect, type Socket } from 'node:net'
import { Worker } from 'node:worker_threads'
import { receiveBuffer } from './drive.ts'
import { FetchWalk } from './fetch-walk.ts'
import { aimFetch, fetchFrame, produceFrame } from './frames.ts'
import { type Percentiles, percentiles } from './percentiles.ts'

export interface OpenLoad extends Pace {
  readonly type: 'open'
  readonly port: number
  /** New and empty: a record's offset says which it is. */
  readonly topic: string
  readonly recordBytes: number
}

export interface Pace {
  readonly perSecond: number
  readonly forMs: number
  /** What is due before that is sent, and not counted. */
  readonly warmUpMs: number
}

/** Both sides of a broker, whatever protocol it speaks. */
export interface Ends {
  /** A connection on which each record is sent as this, and which calls for each acknowledgement. */
  readonly frame: Buffer
  readonly producer: (onAnswer: () => void) => Promise<Socket>
  /** Calls with the place of each record, counted from 0. */
  readonly consumer: (onRecord: (index: number) => void) => Promise<Socket>
}

export interface Latencies {
  /** From when a record was due to its acknowledgement. */
  readonly acknowledged: Percentiles
  /** From when it was due to when a waiting consumer had it. */
  readonly endToEnd: Percentiles
  /** From when it was due to when it was sent: what the generator itself added. */
  readonly sent: Percentiles
}

const MAX_WAIT_MS = 500
const STARTS_AFTER_MS = 50
const ANSWERED_WITHIN_MS = 30_000
const nowNs = (): number => Number(process.hrtime.bigint())

export function openLoop(load: OpenLoad): Promise<Latencies> {
  const { port, topic, recordBytes } = load
  return pacedLatencies(load, {
    frame: produceFrame({ topic, partition: 0, recordBytes, batchBytes: 0 }),
    producer: onAnswer => connected(port, chunkReader(topic, onAnswer)),
    consumer: onRecord => consumerOf(load, onRecord),
  })
}

export async function pacedLatencies(load: Pace, ends: Ends): Promise<Latencies> {
  const count = Math.round((load.perSecond * load.forMs) / 1000)
  const intervalNs = 1e9 / load.perSecond
  const arrived = new Float64Array(count)
  const acknowledged = new Float64Array(count)
  const late = new SharedArrayBuffer(count * 8)
  const consumed = new Waiting(count)
  const answered = new Waiting(count)
  let startNs = Infinity

  const sinceDue = (index: number): number => (nowNs() - startNs - index * intervalNs) / 1e6
  const consumer = ends.consumer(offset => {
    if (offset < count) arrived[offset] = sinceDue(offset)
    consumed.add()
  })
  const producer = await ends.producer(() => {
    acknowledged[answered.done] = sinceDue(answered.done)
    answered.add()
  })
  const reader = await consumer
  startNs = nowNs() + STARTS_AFTER_MS * 1e6
  const fd = (producer as unknown as { _handle: { fd: number } })._handle.fd
  const workerData = { fd, frame: ends.frame, startNs, intervalNs, count, late }
  const sender = new Worker(new URL('open-loop-sender.mjs', import.meta.url), {
    workerData,
    execArgv: [],
  })
  const failed = new Promise<never>((_, reject) => {
    sender.once('error', reject)
    for (const socket of [producer, reader]) socket.once('close', () => reject(new Error('closed')))
    setTimeout(
      () => reject(new Error(`${answered.done} of ${count} records were acknowledged in time`)),
      load.forMs + ANSWERED_WITHIN_MS,
    ).unref()
  })
  try {
    await Promise.race([Promise.all([answered.all, consumed.all]), failed])
  } finally {
    failed.catch(() => undefined)
    producer.destroy()
    reader.destroy()
    await sender.terminate()
  }
  const counted = Math.floor((load.warmUpMs * load.perSecond) / 1000)
  return {
    acknowledged: percentiles(acknowledged.subarray(counted)),
    endToEnd: percentiles(arrived.subarray(counted)),
    sent: percentiles(new Float64Array(late).subarray(counted)),
  }
}

/** Counts to a number. */
class Waiting {
  readonly all: Promise<void>
  readonly #count: number
  #resolve: () => void = () => undefined
  done = 0

  constructor(count: number) {
    this.#count = count
    this.all = new Promise(resolve => {
      this.#resolve = resolve
    })
  }

  add(): void {
    this.done += 1
    if (this.done === this.#count) this.#resolve()
  }
}

async function consumerOf(load: OpenLoad, onRecord: (offset: number) => void): Promise<Socket> {
  const waiting = { partition: 0, minBytes: 1, maxWaitMs: MAX_WAIT_MS }
  const frame = fetchFrame(load.topic, 0, 2 ** 20, waiting)
  let next = 0
  const walk = new FetchWalk(load.topic, ({ baseOffset, lastOffset }) => {
    if (lastOffset < next) return
    if (baseOffset !== next)
      throw new Error(`offset ${next} should come next, and ${baseOffset} came`)
    for (; next <= lastOffset; next += 1) onRecord(next)
  })
  const socket = await connected(load.port, chunk => {
    let at = 0
    while (at < chunk.length) {
      at = walk.take(chunk, at)
      if (!walk.isDone) continue
      if (walk.errorCode !== 0) throw new Error(`a fetch got the error ${walk.errorCode}`)
      aimFetch(frame, 0, next)
      socket.write(frame)
    }
  })
  socket.write(frame)
  return socket
}

/** Reads Produce answers of one partition, and calls for each. */
function chunkReader(topic: string, onAnswer: () => void): (chunk: Buffer) => void {
  const errorAt = 4 + 4 + 1 + 1 + 1 + topic.length + 1 + 4
  let rest = Buffer.alloc(0)
  return chunk => {
    let bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    while (bytes.length >= 4 && bytes.length >= 4 + bytes.readInt32BE(0)) {
      const code = bytes.readInt16BE(errorAt)
      if (code !== 0) throw new Error(`a request was answered with the error ${code}`)
      onAnswer()
      bytes = bytes.subarray(4 + bytes.readInt32BE(0))
    }
    rest = Buffer.from(bytes)
  }
}

export function connected(port: number, onChunk: (chunk: Buffer) => void): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const onread = {
      buffer: receiveBuffer,
      callback(bytes: number): boolean {
        try {
          onChunk(receiveBuffer.subarray(0, bytes))
        } catch (error) {
          socket.destroy(error as Error)
        }
        return true
      },
    }
    const socket = connect({ port, host: '127.0.0.1', onread })
    socket.setNoDelay(true)
    socket.once('connect', () => resolve(socket))
    socket.on('error', reject)
  })
}
