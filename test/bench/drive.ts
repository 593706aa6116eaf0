/** Closed loops: so many requests under way on each connection, prepared, and no more reading of the answers than sizes and error codes. */
import { connect, type Socket } from 'node:net'

export interface Plan {
  readonly port: number
  readonly frames: readonly Buffer[]
  /** In all; Infinity when `forMs` ends it. */
  readonly requests: number
  readonly inFlight: number
  /** Where the error code of a Produce answer lies, counted from the answer's size; undefined: answers are not looked into. */
  readonly errorAt: number | undefined
  /** Nothing is sent after so long; what is under way is still waited for. */
  readonly forMs: number | undefined
  /** Requests a second at the most. */
  readonly perSecond: number | undefined
}

export interface Driven {
  readonly answered: number
  readonly answerBytes: number
  /** How often each frame was answered, by its place in `frames`. */
  readonly answeredByFrame: readonly number[]
}

/** A connection that waits for the start, so that connecting is not part of what is measured. */
export interface Driver {
  start(): Promise<Driven>
}

const RECEIVE_BYTES = 65_536
/** All connections of this process receive into the same memory: what comes is read within the call. */
export const receiveBuffer = Buffer.allocUnsafeSlow(RECEIVE_BYTES)
const PACE_MS = 5
const CONNECTED_AT_ONCE = 200

/** Connects them all, in waves that a listen queue can hold. */
export async function openDrivers(plans: readonly Plan[]): Promise<Driver[]> {
  const drivers: Driver[] = []
  for (let from = 0; from < plans.length; from += CONNECTED_AT_ONCE) {
    const wave = plans.slice(from, from + CONNECTED_AT_ONCE)
    drivers.push(...(await Promise.all(wave.map(openDriver))))
  }
  return drivers
}

function openDriver(plan: Plan): Promise<Driver> {
  const drive = new Drive(plan)
  return drive.connected()
}

class Drive implements Driver {
  readonly #plan: Plan
  readonly #small: boolean
  readonly #copies: Buffer
  readonly #first: Buffer
  readonly #prefix = Buffer.alloc(4)
  #socket!: Socket
  #prefixBytes = 0
  #frameLeft = 0
  #sent = 0
  #answered = 0
  #answerBytes = 0
  #endsAt = Infinity
  #began = 0
  #pace: NodeJS.Timeout | undefined
  #resolve: (driven: Driven) => void = () => undefined
  #reject: (error: Error) => void = () => undefined

  constructor(plan: Plan) {
    this.#plan = plan
    const [first = Buffer.alloc(0)] = plan.frames
    this.#first = first
    this.#small = plan.frames.length === 1 && first.length < 4096
    this.#copies = this.#small
      ? Buffer.concat(Array.from({ length: plan.inFlight }, () => first))
      : first
  }

  connected(): Promise<Driver> {
    return new Promise((resolve, reject) => {
      this.#reject = reject
      const onread = {
        buffer: receiveBuffer,
        callback: (bytes: number): boolean => {
          this.#received(receiveBuffer.subarray(0, bytes))
          return true
        },
      }
      const socket = connect({ port: this.#plan.port, host: '127.0.0.1', onread })
      this.#socket = socket
      socket.setNoDelay(true)
      socket.once('connect', () => resolve(this))
      socket.once('error', error => this.#reject(error))
      socket.once('close', () =>
        this.#reject(new Error(`closed after ${this.#answered} of ${this.#plan.requests} answers`)),
      )
    })
  }

  start(): Promise<Driven> {
    return new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
      this.#began = performance.now()
      const { forMs, perSecond, inFlight, requests } = this.#plan
      if (forMs !== undefined) this.#endsAt = this.#began + forMs
      if (perSecond !== undefined) {
        this.#pace = setInterval(() => this.#send(), PACE_MS)
      } else if (forMs !== undefined) {
        // Where nothing is answered for long, the end of the time must be seen all the same.
        this.#pace = setInterval(() => this.#endIfDone(), 100)
      }
      if (requests === 0) this.#finish()
      else if (perSecond === undefined) this.#write(Math.min(inFlight, requests))
    })
  }

  #received(chunk: Buffer): void {
    try {
      this.#take(chunk)
      this.#send()
    } catch (error) {
      this.#reject(error as Error)
      this.#stop()
    }
    this.#endIfDone()
  }

  #endIfDone(): void {
    const isOver = this.#sent >= this.#plan.requests || performance.now() >= this.#endsAt
    if (isOver && this.#answered === this.#sent) this.#finish()
  }

  #finish(): void {
    const { frames } = this.#plan
    const whole = Math.floor(this.#answered / frames.length)
    const rest = this.#answered % frames.length
    this.#resolve({
      answered: this.#answered,
      answerBytes: this.#answerBytes,
      answeredByFrame: frames.map((_, index) => whole + (index < rest ? 1 : 0)),
    })
    this.#stop()
  }

  #stop(): void {
    clearInterval(this.#pace)
    this.#socket.destroy()
  }

  /** As many as may be under way, and as many as are due. */
  #send(): void {
    const { inFlight, requests, perSecond } = this.#plan
    let count = Math.min(inFlight - (this.#sent - this.#answered), requests - this.#sent)
    if (count <= 0) return
    if (this.#endsAt !== Infinity || perSecond !== undefined) {
      const now = performance.now()
      if (now >= this.#endsAt) return this.#endIfDone()
      if (perSecond !== undefined) {
        const due = Math.ceil(((now - this.#began) * perSecond) / 1000)
        count = Math.min(count, due - this.#sent)
      }
    }
    if (count > 0) this.#write(count)
  }

  #write(count: number): void {
    const { frames } = this.#plan
    if (this.#small) this.#socket.write(this.#copies.subarray(0, count * this.#first.length))
    else
      for (let index = 0; index < count; index += 1)
        this.#socket.write(frames[(this.#sent + index) % frames.length] ?? this.#first)
    this.#sent += count
  }

  #take(chunk: Buffer): void {
    const { errorAt } = this.#plan
    let at = 0
    while (at < chunk.length) {
      if (this.#frameLeft === 0) {
        while (this.#prefixBytes < 4 && at < chunk.length)
          this.#prefix[this.#prefixBytes++] = chunk[at++] ?? 0
        if (this.#prefixBytes < 4) break
        this.#frameLeft = this.#prefix.readInt32BE(0)
        this.#prefixBytes = 0
        if (errorAt !== undefined && at + this.#frameLeft <= chunk.length) {
          const code = chunk.readInt16BE(at + errorAt - 4)
          if (code !== 0) throw new Error(`a request was answered with the error ${code}`)
        }
      }
      const taken = Math.min(this.#frameLeft, chunk.length - at)
      this.#frameLeft -= taken
      at += taken
      if (this.#frameLeft === 0) this.#answered += 1
    }
    this.#answerBytes += chunk.length
  }
}
