/**
 * One client's connection: frames in, answers out in the order of their requests. Requests are handled as they arrive, so
 * many may be waiting at once; reading stops when too much of it waits. Its deadlines are looked at by the server's sweep.
 */
import { type FrameMemory, FrameReader, WireError } from '@varve/protocol'
import type { ConnectionInfo } from '../handlers/handler.ts'
import type { Clock, Connection, ConnectionEvents } from '../world.ts'
import type { ByteBudget } from './byte-budget.ts'
import { type Complaints, frameSizeHint, printableClientId } from './complaints.ts'
import type { Exchange, ExchangeOwner } from './exchange.ts'
import { gatherParts } from './gather-parts.ts'
import type { Router } from './router.ts'
import {
  CLOSE_DEADLINE_MS,
  FRAME_BYTES_MIN,
  SEND_DEADLINE_MS,
  type ServerLimits,
  SLOWEST_BYTES_PER_SECOND,
} from './server-limits.ts'

export interface ServedConnectionParts {
  readonly connection: Connection
  readonly info: ConnectionInfo
  readonly router: Router
  readonly clock: Clock
  readonly budget: ByteBudget
  readonly complaints: Complaints
  readonly limits: ServerLimits
  /** Where frames that come in pieces are put together. */
  readonly frameMemory: FrameMemory
  readonly onClosed: (connection: ServedConnection) => void
}

/** What still comes: `open` frames and answers, `closing` answers only, `closed` nothing. */
type State = 'open' | 'closing' | 'closed'

export class ServedConnection implements ConnectionEvents, ExchangeOwner {
  readonly info: ConnectionInfo
  readonly #connection: Connection
  readonly #router: Router
  readonly #clock: Clock
  readonly #budget: ByteBudget
  readonly #complaints: Complaints
  readonly #limits: ServerLimits
  readonly #onClosed: (connection: ServedConnection) => void
  readonly #frames: FrameReader
  #state: State = 'open'
  /** Requests whose answers have not left, oldest first. */
  #waiting: Exchange[] = []
  /** Frames that arrived while the connection was full, in memory of their own. */
  #backlog: Buffer[] = []
  #backlogBytes = 0
  #out: Uint8Array[] = []
  #outBytes = 0
  #outLends: Exchange[] = []
  #isFlushScheduled = false
  #isPaused = false
  #isProceeding = false
  #inFlightBytes = 0
  #receivedBytes = 0
  #framedBytes = 0
  #partialBytes = 0
  #clientId = ''
  #activeAt: number
  /** When the frame that is not complete yet began, or when this side last let it go on. */
  #frameSince: number
  #unsentSince = 0
  #unsentBytes = 0
  #closingSince = 0

  constructor(parts: ServedConnectionParts) {
    this.info = parts.info
    this.#connection = parts.connection
    this.#router = parts.router
    this.#clock = parts.clock
    this.#budget = parts.budget
    this.#complaints = parts.complaints
    this.#limits = parts.limits
    this.#onClosed = parts.onClosed
    this.#activeAt = parts.clock.monotonic()
    this.#frameSince = this.#activeAt
    this.#frames = new FrameReader({
      maxFrameBytes: parts.limits.frameBytesMax,
      memory: parts.frameMemory,
      onFrame: frame => this.#onFrame(frame),
      onTooLarge: sizeBytes => this.#refuseFrameSize(sizeBytes),
    })
  }

  get isOpen(): boolean {
    return this.#state !== 'closed'
  }

  // ------------------------------------------------------------------ bytes in

  onBytes(chunk: Buffer): void {
    if (this.#state !== 'open') return
    const framedBefore = this.#framedBytes
    this.#activeAt = this.#clock.monotonic()
    this.#receivedBytes += chunk.length
    this.#frames.push(chunk)
    const partialBytes = this.#receivedBytes - this.#framedBytes
    if (this.#framedBytes !== framedBefore || this.#partialBytes === 0)
      this.#frameSince = this.#activeAt
    this.#countPartial(partialBytes)
  }

  #onFrame(frame: Buffer): void {
    this.#framedBytes += frame.length + 4
    if (this.#state !== 'open') return
    if (this.#backlog.length > 0 || this.#isFull()) {
      this.#backlog.push(Buffer.from(frame))
      this.#backlogBytes += frame.length
      this.#hold(frame.length)
      this.#pause()
      return
    }
    this.#hold(frame.length)
    this.#handle(frame)
  }

  #handle(frame: Buffer): void {
    if (frame.length < FRAME_BYTES_MIN) {
      this.#refuseLater('the frame is shorter than a request header', {})
      return
    }
    const behind = this.#waiting.at(-1)
    if (behind !== undefined && !behind.isSettled) behind.supersede()
    let opened: ReturnType<Router['open']>
    try {
      opened = this.#router.open(frame, this)
    } catch (error) {
      if (!(error instanceof WireError)) throw error
      this.#refuseLater('malformed request header', { detail: error.message })
      return
    }
    if ('reason' in opened) {
      this.#refuseLater(opened.reason, {})
      return
    }
    this.#clientId = opened.exchange.clientId
    this.#waiting.push(opened.exchange)
    this.#router.handle(opened)
  }

  /** Frames that wait their turn do not count: only what is in work or unsent makes room by itself. */
  #isFull(): boolean {
    const inWorkBytes = this.#inFlightBytes - this.#backlogBytes
    return (
      this.#waitingCount >= this.#limits.requestsPerConnectionMax ||
      inWorkBytes >= this.#limits.bytesPerConnectionMax ||
      // One request of each connection is always let through, so that nobody waits for bytes that nobody frees.
      (this.#budget.isExhausted && inWorkBytes > 0)
    )
  }

  get #waitingCount(): number {
    return this.#waiting.length
  }

  #pause(): void {
    if (this.#isPaused) return
    this.#isPaused = true
    this.#connection.pause()
    if (this.#budget.isExhausted) this.#budget.waitForRoom(this.#proceed)
  }

  /** Takes up the frames that had to wait, then reads on. An answer given on the way frees bytes, and so comes back to here. */
  readonly #proceed = () => {
    if (!this.#isPaused || this.#isProceeding || this.#state !== 'open') return
    this.#isProceeding = true
    while (this.#backlog.length > 0 && !this.#isFull() && this.#state === 'open') {
      const frame = this.#backlog.shift()!
      this.#backlogBytes -= frame.length
      this.#handle(frame)
    }
    this.#isProceeding = false
    if (this.#state !== 'open') return
    if (this.#backlog.length > 0 || this.#isFull()) {
      if (this.#budget.isExhausted) this.#budget.waitForRoom(this.#proceed)
      return
    }
    this.#isPaused = false
    this.#frameSince = this.#clock.monotonic()
    this.#connection.resume()
  }

  #hold(sizeBytes: number): void {
    this.#inFlightBytes += sizeBytes
    this.#budget.take(sizeBytes)
  }

  #release(sizeBytes: number): void {
    this.#inFlightBytes -= sizeBytes
    this.#budget.give(sizeBytes)
  }

  #countPartial(partialBytes: number): void {
    if (this.#state === 'closed') return
    const countedBytes = this.#partialBytes
    this.#partialBytes = partialBytes
    this.#budget.take(partialBytes)
    this.#budget.give(countedBytes)
  }

  // ------------------------------------------------------------------ answers out

  settled(): void {
    // What was answered is let go of at once: it may hold megabytes.
    for (let next = this.#waiting[0]; next?.parts !== undefined; next = this.#waiting[0]) {
      this.#waiting.shift()
      this.#takeAnswer(next)
    }
    if (this.#state !== 'closed') this.#scheduleFlush()
  }

  #takeAnswer(exchange: Exchange): void {
    for (const part of exchange.parts ?? []) this.#out.push(part)
    this.#outBytes += exchange.answerBytes
    if (exchange.lendsBytes) this.#outLends.push(exchange)
    this.#hold(exchange.answerBytes)
    // Comes last: with the room that this makes, requests behind may be handled, and answered, within the call.
    this.#release(exchange.frameBytes)
  }

  #scheduleFlush(): void {
    if (this.#isFlushScheduled) return
    this.#isFlushScheduled = true
    this.#clock.endOfTurn(this.#flush)
  }

  readonly #flush = () => {
    this.#isFlushScheduled = false
    const sizeBytes = this.#outBytes
    const lends = this.#outLends
    if (this.#state === 'closed') return
    if (sizeBytes > 0 || lends.length > 0) {
      const parts = gatherParts(this.#out)
      this.#out = []
      this.#outBytes = 0
      this.#outLends = []
      if (this.#unsentBytes === 0) this.#unsentSince = this.#clock.monotonic()
      this.#unsentBytes += sizeBytes
      this.#connection.send(parts, () => this.#sent(sizeBytes, lends))
    }
    if (this.#state === 'closing' && this.#waitingCount === 0) this.#connection.close()
    else if (this.#isPaused) this.#proceed()
  }

  #sent(sizeBytes: number, lends: readonly Exchange[]): void {
    for (const exchange of lends) exchange.sent()
    if (this.#state === 'closed') return
    this.#unsentBytes -= sizeBytes
    this.#unsentSince = this.#clock.monotonic()
    this.#activeAt = this.#unsentSince
    this.#release(sizeBytes)
    if (this.#isPaused) this.#proceed()
  }

  onDrain(): void {
    if (this.#isPaused) this.#proceed()
  }

  // ------------------------------------------------------------------ the end

  refuse(reason: string, exchange: Exchange): void {
    if (this.#state === 'closed') return
    // Answers go by their order: what was asked behind an unanswered request cannot be answered either.
    const place = this.#waiting.indexOf(exchange)
    if (place >= 0) for (const behind of this.#waiting.splice(place + 1)) this.#drop(behind)
    exchange.parts ??= []
    this.#refuseLater(reason, { api: exchange.handler.api.name })
    this.settled()
  }

  #drop(exchange: Exchange): void {
    this.#release(exchange.frameBytes)
    exchange.abandon()
  }

  #refuseFrameSize(sizeBytes: number): void {
    const hint = frameSizeHint(sizeBytes)
    const reason =
      sizeBytes < 0
        ? 'the frame has a negative size'
        : 'the frame is larger than socket.request.max.bytes'
    this.#refuseLater(reason, { sizeBytes, ...(hint === undefined ? {} : { hint }) })
  }

  #refuseLater(reason: string, fields: { readonly [name: string]: unknown }): void {
    if (this.#state !== 'open') return
    const client = this.#clientId === '' ? {} : { clientId: printableClientId(this.#clientId) }
    this.#complaints.note(this.info.remoteAddress, reason, { ...fields, ...client })
    this.closeAfterAnswers()
  }

  /** Reads no more, lets the answers that are on their way leave, and closes. Long polls are answered now. */
  closeAfterAnswers(): void {
    if (this.#state !== 'open') return
    this.#state = 'closing'
    this.#closingSince = this.#clock.monotonic()
    this.#frames.stop()
    this.#connection.pause()
    for (const frame of this.#backlog.splice(0)) this.#release(frame.length)
    for (const exchange of [...this.#waiting]) exchange.supersede()
    this.#scheduleFlush()
  }

  destroy(): void {
    this.#connection.destroy()
  }

  onClose(): void {
    if (this.#state === 'closed') return
    this.#state = 'closed'
    this.#budget.forget(this.#proceed)
    this.#budget.give(this.#inFlightBytes + this.#partialBytes)
    for (const exchange of [...this.#waiting]) exchange.abandon()
    for (const exchange of this.#outLends) exchange.sent()
    this.#waiting = []
    this.#backlog = []
    this.#out = []
    this.#outLends = []
    this.#onClosed(this)
  }

  /** Ends the connection if one of its deadlines has passed. */
  sweep(now: number): void {
    const reason = this.#overdue(now)
    if (reason === undefined) return
    if (reason !== 'idle') this.#complaints.note(this.info.remoteAddress, reason, {})
    this.#connection.destroy()
  }

  #overdue(now: number): string | undefined {
    const slowest = (sizeBytes: number) => (sizeBytes / SLOWEST_BYTES_PER_SECOND) * 1000
    if (
      this.#unsentBytes > 0 &&
      now - this.#unsentSince > SEND_DEADLINE_MS + slowest(this.#unsentBytes)
    ) {
      return 'the client does not take its answers'
    }
    switch (this.#state) {
      case 'closing':
        return now - this.#closingSince > CLOSE_DEADLINE_MS
          ? 'the client did not take its last answers'
          : undefined
      case 'closed':
        return undefined
      case 'open':
    }
    if (this.#isPaused) return undefined
    if (
      this.#partialBytes > 0 &&
      now - this.#frameSince > this.#limits.readDeadlineMs + slowest(this.#partialBytes)
    ) {
      return 'a request was begun and not completed in time'
    }
    const isIdle = this.#waitingCount === 0 && this.#unsentBytes === 0
    return isIdle && now - this.#activeAt > this.#limits.idleMs ? 'idle' : undefined
  }
}
