/** What a NATS server sends, as it comes in, in pieces: the subject and, where it is short, the text of each message. */
import type { Buffer } from 'node:buffer'

/** What is longer is a record. */
const KEPT_BYTES = 512
const NEW_LINE = 0x0a
const TERMINATOR_BYTES = 2

export interface NatsMessage {
  readonly subject: string
  readonly text: string | undefined
  /** With headers and no payload: the server tells how a request to it fares. */
  readonly isStatus: boolean
}

export interface NatsEvents {
  readonly onMessage: (message: NatsMessage) => void
  readonly onPing: () => void
  readonly onPong: () => void
}

export class NatsReader {
  readonly #events: NatsEvents
  #line = ''
  #left = 0
  #message: { subject: string; text: string | undefined; isStatus: boolean } | undefined

  constructor(events: NatsEvents) {
    this.#events = events
  }

  take(chunk: Buffer): void {
    let at = 0
    while (at < chunk.length)
      at = this.#message === undefined ? this.#head(chunk, at) : this.#payload(chunk, at)
  }

  #payload(chunk: Buffer, at: number): number {
    const taken = Math.min(this.#left, chunk.length - at)
    const message = this.#message
    if (message?.text !== undefined) message.text += chunk.toString('latin1', at, at + taken)
    this.#left -= taken
    if (this.#left === 0 && message !== undefined) {
      this.#message = undefined
      this.#events.onMessage(message)
    }
    return at + taken
  }

  #head(chunk: Buffer, at: number): number {
    const end = chunk.indexOf(NEW_LINE, at)
    this.#line += chunk.toString('latin1', at, end < 0 ? chunk.length : end)
    if (end < 0) return chunk.length
    const line = this.#line.trimEnd()
    this.#line = ''
    this.#take(line)
    return end + 1
  }

  #take(line: string): void {
    const words = line.split(' ')
    const [kind] = words
    if (kind === '-ERR') throw new Error(`NATS answered ${line}`)
    if (kind === 'PING') this.#events.onPing()
    else if (kind === 'PONG') this.#events.onPong()
    else if (kind === 'MSG' || kind === 'HMSG') {
      const bytes = Number(words.at(-1))
      const isStatus = kind === 'HMSG' && words.at(-2) === words.at(-1)
      const text = bytes <= KEPT_BYTES ? '' : undefined
      this.#message = { subject: words[1] ?? '', text, isStatus }
      this.#left = bytes + TERMINATOR_BYTES
    }
  }
}
