/** A connection in RabbitMQ's stream protocol: the handshake, requests with their answers, and the head of whatever else comes. */
import type { Socket } from 'node:net'
import { connected } from '../open-loop.ts'

const VERSION = 1
const ANSWER_BIT = 0x8000
const OK = 1
export const COMMAND = {
  declarePublisher: 1,
  publish: 2,
  publishConfirm: 3,
  publishError: 4,
  subscribe: 7,
  deliver: 8,
  credit: 9,
  create: 13,
  delete: 14,
  peerProperties: 17,
  saslHandshake: 18,
  saslAuthenticate: 19,
  tune: 20,
  open: 21,
} as const
const LOGIN = '\0guest\0guest'
const FRAME_BYTES_MAX = 2 ** 20

/** What of a frame is looked at: enough for an answer's code, a confirm's count and a chunk's count of records. */
const HEAD_BYTES = 16
const SIZE_BYTES = 4

export class RabbitConnection {
  readonly #onFrame: (command: number, head: Buffer) => void
  readonly #awaited = new Map<number, () => void>()
  readonly #head = Buffer.alloc(HEAD_BYTES)
  #headBytes = 0
  #left = -1
  socket!: Socket

  private constructor(onFrame: (command: number, head: Buffer) => void) {
    this.#onFrame = onFrame
  }

  /** Logged in, and in the default virtual host. `onFrame` gets the first bytes of every frame that answers no request, from its key on. */
  static async open(
    port: number,
    onFrame: (command: number, head: Buffer) => void,
  ): Promise<RabbitConnection> {
    const connection = new RabbitConnection(onFrame)
    connection.socket = await connected(port, chunk => connection.#take(chunk))
    await connection.ask(COMMAND.peerProperties, int32(0))
    await connection.ask(COMMAND.saslHandshake)
    const tuned = connection.#answerTo(COMMAND.tune)
    await connection.ask(COMMAND.saslAuthenticate, string('PLAIN'), int32(LOGIN.length), LOGIN)
    await tuned
    const withoutHeartbeats = int32(0)
    connection.socket.write(rabbitFrame(COMMAND.tune, int32(FRAME_BYTES_MAX), withoutHeartbeats))
    await connection.ask(COMMAND.open, string('/'))
    return connection
  }

  async ask(command: number, ...parts: readonly (Buffer | string)[]): Promise<void> {
    const answered = this.#answerTo(command)
    this.socket.write(rabbitFrame(command, int32(command), ...parts))
    await answered
  }

  #answerTo(command: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#awaited.set(command, resolve)
      const closed = (): void => reject(new Error(`RabbitMQ closed at command ${command}`))
      this.socket.once('close', closed)
    })
  }

  #take(chunk: Buffer): void {
    let at = 0
    while (at < chunk.length) {
      if (this.#left < 0) at = this.#size(chunk, at)
      else at = this.#body(chunk, at)
    }
  }

  #size(chunk: Buffer, at: number): number {
    const taken = Math.min(SIZE_BYTES - this.#headBytes, chunk.length - at)
    chunk.copy(this.#head, this.#headBytes, at, at + taken)
    this.#headBytes += taken
    if (this.#headBytes === SIZE_BYTES) {
      this.#left = this.#head.readUInt32BE(0)
      this.#headBytes = 0
    }
    return at + taken
  }

  #body(chunk: Buffer, at: number): number {
    const taken = Math.min(this.#left, chunk.length - at)
    if (this.#headBytes < HEAD_BYTES) {
      this.#headBytes += chunk.copy(this.#head, this.#headBytes, at, at + taken)
    }
    this.#left -= taken
    if (this.#left === 0) {
      this.#left = -1
      this.#headBytes = 0
      this.#frame(this.#head)
    }
    return at + taken
  }

  #frame(head: Buffer): void {
    const key = head.readUInt16BE(0)
    const command = key & ~ANSWER_BIT
    const resolve = this.#awaited.get(command)
    if (resolve === undefined) return this.#onFrame(command, head)
    if (command !== COMMAND.tune && head.readUInt16BE(8) !== OK)
      throw new Error(`RabbitMQ answered command ${command} with ${head.readUInt16BE(8)}`)
    this.#awaited.delete(command)
    resolve()
  }
}

export function rabbitFrame(command: number, ...parts: readonly (Buffer | string)[]): Buffer {
  const bytes = [int16(command), int16(VERSION), ...parts.map(part => Buffer.from(part))]
  const size = bytes.reduce((sum, { length }) => sum + length, 0)
  return Buffer.concat([int32(size), ...bytes])
}

export function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16BE(value)
  return bytes
}

export function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

export function string(text: string): Buffer {
  return Buffer.concat([int16(text.length), Buffer.from(text)])
}
