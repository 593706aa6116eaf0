/**
 * A proxy that knows frames, between clients and a broker. Requests can be held, as a network does that delivers them when their sender has
 * long gone on, and repeated. What a client sends on a connection behind a request that is held waits as well.
 */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { RawConnection } from './raw-connection.ts'

/** A request on its way. */
export interface RequestFrame {
  readonly apiKey: number
  /** With its length. */
  readonly bytes: Buffer
}

type Matches = (frame: RequestFrame) => boolean

/** Requests that the proxy has kept, or kept a copy of. */
export class KeptFrames {
  readonly matches: Matches
  readonly mode: 'hold' | 'copy'
  readonly frames: RequestFrame[] = []
  #waiting: { readonly count: number; readonly resolve: () => void }[] = []

  constructor(matches: Matches, mode: 'hold' | 'copy') {
    this.matches = matches
    this.mode = mode
  }

  keep(frame: RequestFrame): void {
    this.frames.push(frame)
    const ready = this.#waiting.filter(({ count }) => this.frames.length >= count)
    this.#waiting = this.#waiting.filter(({ count }) => this.frames.length < count)
    for (const { resolve } of ready) resolve()
  }

  /** Resolves when so many are kept. */
  has(count: number): Promise<void> {
    if (this.frames.length >= count) return Promise.resolve()
    return new Promise(resolve => this.#waiting.push({ count, resolve }))
  }
}

export class HoldingProxy implements AsyncDisposable {
  readonly host = '127.0.0.1'
  readonly port: number
  readonly #server: Server
  #target: { readonly host: string; readonly port: number }
  #kept: KeptFrames[] = []
  readonly #sockets = new Set<Socket>()

  private constructor(server: Server, target: { readonly host: string; readonly port: number }) {
    this.#server = server
    this.port = (server.address() as AddressInfo).port
    this.#target = target
    server.on('connection', client => this.#accept(client))
  }

  static async open(target: { readonly host: string; readonly port: number }) {
    const server = createServer({ noDelay: true }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new HoldingProxy(server, target)
  }

  /** The broker has started anew elsewhere. */
  aimAt(target: { readonly host: string; readonly port: number }): void {
    this.#target = target
  }

  /** From now on requests that match are held instead of being passed on. */
  hold(matches: Matches): KeptFrames {
    return this.#keep(new KeptFrames(matches, 'hold'))
  }

  /** From now on requests that match are passed on, and a copy of each is kept. */
  copy(matches: Matches): KeptFrames {
    return this.#keep(new KeptFrames(matches, 'copy'))
  }

  /** Requests are passed on as if nothing were there; what is kept stays kept. */
  passAll(): void {
    this.#kept = []
  }

  /** What was kept arrives at the broker, in its order, on a connection of its own. The broker's answers, one for each. */
  async deliver({ frames }: KeptFrames): Promise<Buffer[]> {
    await using connection = await RawConnection.open(this.#target)
    const answers: Buffer[] = []
    for (const { bytes } of frames.splice(0)) {
      connection.write(bytes)
      const answer = await connection.nextFrame()
      if (answer === undefined) throw new Error('the broker closed the connection')
      answers.push(answer)
    }
    return answers
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #keep(kept: KeptFrames): KeptFrames {
    this.#kept.push(kept)
    return kept
  }

  #accept(client: Socket): void {
    const broker = connect({ ...this.#target, noDelay: true })
    for (const socket of [client, broker]) {
      this.#sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        this.#sockets.delete(socket)
        client.destroy()
        broker.destroy()
      })
    }
    broker.on('data', chunk => client.write(chunk))
    let received = Buffer.alloc(0)
    let stuck: KeptFrames | undefined
    client.on('data', chunk => {
      received = Buffer.concat([received, chunk])
      while (received.length >= 4 && received.length >= 4 + received.readInt32BE(0)) {
        const bytes = received.subarray(0, 4 + received.readInt32BE(0))
        received = received.subarray(bytes.length)
        const frame = { apiKey: bytes.readInt16BE(4), bytes: Buffer.from(bytes) }
        const kept = this.#kept.find(({ matches }) => matches(frame))
        if (kept?.mode === 'hold') stuck ??= kept
        if (stuck !== undefined) stuck.keep(frame)
        else {
          kept?.keep(frame)
          broker.write(bytes)
        }
      }
    })
  }
}
