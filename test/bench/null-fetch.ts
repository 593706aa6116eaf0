/** How the null broker answers fetches. */
import { read } from 'node:fs'
import type { Socket } from 'node:net'
import type { NullFiles } from './null-files.ts'

const FETCHED_BYTES = 1024 * 1024
/** Where the offset stands in the request, counted from its end; the partition stands 8 bytes before, the wanted bytes 20 behind. */
const OFFSET_FROM_END = 29
const POOLED = 16

export type Serving = 'memory' | 'file' | 'tail'

interface Waiting {
  readonly socket: Socket
  readonly correlationId: number
  readonly topic: Buffer
  readonly partition: number
  readonly offset: number
}

export class NullFetches {
  readonly #files: NullFiles
  readonly #fetched = Buffer.alloc(FETCHED_BYTES, 'varve-')
  readonly #pool: Buffer[] = []
  #serving: Serving = 'memory'
  #waiting: Waiting[] = []

  constructor(files: NullFiles) {
    this.#files = files
  }

  get isTail(): boolean {
    return this.#serving === 'tail'
  }

  serve(serving: Serving): void {
    this.#serving = serving
    this.#waiting = []
  }

  answer(frame: Buffer, socket: Socket, atOnce: (parts: readonly Buffer[]) => void): void {
    const at = frame.length - OFFSET_FROM_END
    const correlationId = frame.readInt32BE(4)
    const partition = frame.readInt32BE(at - 8)
    const offset = frame.readInt32BE(at) * 2 ** 32 + frame.readUInt32BE(at + 4)
    const maxBytes = Math.min(frame.readInt32BE(at + 20), FETCHED_BYTES)
    const topic = Buffer.from(topicOf(frame))
    const request = { socket, correlationId, topic, partition, offset }
    if (this.#serving === 'memory') {
      const records = this.#fetched.subarray(0, maxBytes)
      atOnce([head(request, records.length, 0), records, Buffer.alloc(3)])
    } else if (this.#serving === 'file') {
      this.#fromFile([request], maxBytes)
    } else {
      this.#waiting.push(request)
      this.wake()
    }
  }

  /** Gives everybody who waits what there is beyond his offset; those who wait for the same share one read. */
  wake(): void {
    const ready = new Map<string, Waiting[]>()
    const waiting = this.#waiting
    this.#waiting = []
    for (const one of waiting) {
      if (one.offset >= this.#files.of(one.partition).nextOffset) {
        this.#waiting.push(one)
        continue
      }
      const place = `${one.partition} ${one.offset}`
      const others = ready.get(place)
      if (others === undefined) ready.set(place, [one])
      else others.push(one)
    }
    for (const [first, ...others] of ready.values())
      if (first !== undefined) this.#fromFile([first, ...others], FETCHED_BYTES)
  }

  /** Batches have one size and one count, so an offset says where they lie. All requests are for the same place. */
  #fromFile(requests: readonly [Waiting, ...Waiting[]], maxBytes: number): void {
    const [{ partition, offset }] = requests
    const { file, nextOffset, bytes } = this.#files.of(partition)
    const position = Math.floor((offset * bytes) / Math.max(nextOffset, 1))
    const buffer = this.#pool.pop() ?? Buffer.allocUnsafeSlow(FETCHED_BYTES)
    let users = requests.length
    const release = (): void => {
      users -= 1
      if (users === 0 && this.#pool.length < POOLED) this.#pool.push(buffer)
    }
    read(file, buffer, 0, maxBytes, position, (error, count) => {
      if (error !== null) throw error
      for (const request of requests) {
        const { socket } = request
        socket.cork()
        socket.write(head(request, count, nextOffset))
        socket.write(buffer.subarray(0, count))
        socket.write(Buffer.alloc(3), release)
        socket.uncork()
      }
    })
  }
}

/** Key, version, correlation id, client id, tags; replica, wait, bytes twice, isolation, session, epoch, topics, and then the name. */
function topicOf(frame: Buffer): Buffer {
  const at = 10 + Math.max(frame.readInt16BE(8), 0) + 1 + 4 * 4 + 1 + 8 + 1
  return frame.subarray(at + 1, at + (frame[at] ?? 1))
}

/** Throttle, error, session, one topic, one partition, no error, three offsets, no transactions, no replica; the size of what follows. */
function head(request: Waiting, recordsBytes: number, highWatermark: number): Buffer {
  const { topic } = request
  const length = varintBytes(recordsBytes + 1)
  const answer = Buffer.alloc(
    4 + 4 + 1 + 4 + 2 + 4 + 1 + 1 + topic.length + 1 + 4 + 2 + 24 + 1 + 4 + length.length,
  )
  answer.writeInt32BE(answer.length - 4 + recordsBytes + 3, 0)
  answer.writeInt32BE(request.correlationId, 4)
  answer[19] = 2
  answer[20] = topic.length + 1
  topic.copy(answer, 21)
  const at = 21 + topic.length
  answer[at] = 2
  answer.writeInt32BE(request.partition, at + 1)
  answer.writeUInt32BE(highWatermark, at + 11)
  answer.writeUInt32BE(highWatermark, at + 19)
  answer.writeInt32BE(-1, at + 32)
  length.copy(answer, at + 36)
  return answer
}

function varintBytes(value: number): Buffer {
  const bytes: number[] = []
  let left = value
  for (; left >= 0x80; left = Math.floor(left / 128)) bytes.push((left & 0x7f) | 0x80)
  bytes.push(left)
  return Buffer.from(bytes)
}
