/** A TCP connection that speaks the protocol as the test says, or bytes that are not the protocol at all. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import {
  type Api,
  decodeResponse,
  encodeRequest,
  type RequestInput,
  type ResponseOf,
} from '@varve/protocol'

export class RawConnection implements AsyncDisposable {
  readonly #socket: Socket
  #received = Buffer.alloc(0)
  #frames: Buffer[] = []
  #waiting: ((frame: Buffer | undefined) => void)[] = []
  #correlationId = 1
  #isClosed = false
  readonly closed: Promise<void>

  constructor(socket: Socket) {
    this.#socket = socket
    socket.on('error', () => undefined)
    socket.on('data', chunk => this.#take(chunk))
    // `once` of node:events would reject when the connection is reset.
    this.closed = new Promise<void>(resolve => socket.once('close', () => resolve())).then(() => {
      this.#isClosed = true
      for (const resolve of this.#waiting.splice(0)) resolve(undefined)
    })
  }

  static async open(at: { readonly host: string; readonly port: number }): Promise<RawConnection> {
    const socket = connect({ ...at, noDelay: true })
    await once(socket, 'connect')
    return new RawConnection(socket)
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  get localPort(): number {
    return this.#socket.localPort ?? 0
  }

  /** Sends bytes as they are. */
  write(bytes: Uint8Array): void {
    this.#socket.write(bytes)
  }

  /** Sends a request without waiting for its answer. */
  send<A extends Api>(api: A, version: number, request: RequestInput<A>): void {
    this.write(this.encode(api, version, request))
  }

  encode<A extends Api>(api: A, version: number, request: RequestInput<A>): Buffer {
    const header = { correlationId: this.#correlationId++, clientId: 'raw' }
    return Buffer.concat(encodeRequest(api, version, header, request))
  }

  /** The next answer, read as one of this API and version; rejects when the connection ends first. */
  async next<A extends Api>(api: A, version: number): Promise<ResponseOf<A>> {
    const frame = await this.nextFrame()
    if (frame === undefined)
      throw new Error(`the broker closed the connection instead of answering ${api.name}`)
    return decodeResponse(api, version, frame).response
  }

  async request<A extends Api>(
    api: A,
    version: number,
    request: RequestInput<A>,
  ): Promise<ResponseOf<A>> {
    this.send(api, version, request)
    return await this.next(api, version)
  }

  /** The next frame, or undefined when the connection ended. */
  nextFrame(): Promise<Buffer | undefined> {
    const frame = this.#frames.shift()
    if (frame !== undefined) return Promise.resolve(frame)
    if (this.#isClosed) return Promise.resolve(undefined)
    return new Promise(resolve => this.#waiting.push(resolve))
  }

  pauseReading(): void {
    this.#socket.pause()
  }

  destroy(): void {
    this.#socket.destroy()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.destroy()
    await this.closed
  }

  #take(chunk: Buffer): void {
    this.#received = Buffer.concat([this.#received, chunk])
    while (this.#received.length >= 4) {
      const end = 4 + this.#received.readInt32BE(0)
      if (this.#received.length < end) return
      const frame = this.#received.subarray(4, end)
      this.#received = this.#received.subarray(end)
      const resolve = this.#waiting.shift()
      if (resolve === undefined) this.#frames.push(frame)
      else resolve(frame)
    }
  }
}
