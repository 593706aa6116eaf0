/**
 * A network inside the process: `listen` as the broker uses it, `connect` for the test. Bytes arrive when the test calls
 * `deliver`, one chunk at a time, so that a test decides where the pieces break.
 */
import {
  type Connection,
  type ConnectionEvents,
  type Listener,
  type Network,
  NetworkError,
} from '../world.ts'

export class MemoryNetwork implements Network {
  readonly #doors = new Map<number, (connection: Connection) => ConnectionEvents>()
  #nextPort = 40_000

  listen(
    at: { readonly host: string; readonly port: number },
    accept: (connection: Connection) => ConnectionEvents,
  ): Promise<Listener> {
    const port = at.port === 0 ? this.#nextPort++ : at.port
    if (this.#doors.has(port))
      return Promise.reject(new NetworkError(`listen on ${at.host}:${port}`, 'EADDRINUSE'))
    this.#doors.set(port, accept)
    const close = () => {
      this.#doors.delete(port)
      return Promise.resolve()
    }
    return Promise.resolve({ host: at.host, port, close })
  }

  /** A client's end of a new connection to `port`. */
  connect(port: number, from: { readonly address: string }): MemoryPeer {
    const accept = this.#doors.get(port)
    if (accept === undefined) throw new NetworkError(`connect to port ${port}`, 'ECONNREFUSED')
    return new MemoryPeer(accept, { port, remoteAddress: from.address })
  }
}

/** The peer of a broker's connection, in the hands of a test. */
export class MemoryPeer {
  /** What the broker sent and the test did not take yet. */
  readonly received: Uint8Array[] = []
  readonly #connection: MemoryConnection
  #events: ConnectionEvents | undefined

  constructor(
    accept: (connection: Connection) => ConnectionEvents,
    at: { readonly port: number; readonly remoteAddress: string },
  ) {
    this.#connection = new MemoryConnection(this, at)
    const events = accept(this.#connection)
    this.#events = events
    if (!this.isOpen) events.onClose()
  }

  get isOpen(): boolean {
    return this.#connection.isOpen
  }

  get isPaused(): boolean {
    return this.#connection.isPaused
  }

  /** Hands bytes to the broker, in memory that is overwritten right after, as a real receive buffer is. */
  deliver(bytes: Uint8Array): void {
    if (!this.isOpen) return
    const chunk = Buffer.from(bytes)
    this.#events?.onBytes(chunk)
    chunk.fill(0xee)
  }

  /** Stops taking bytes: what the broker sends stays unsent until `drain`. */
  stall(): void {
    this.#connection.isStalled = true
  }

  drain(): void {
    this.#connection.isStalled = false
    this.#connection.flush()
    this.#events?.onDrain()
  }

  take(): Buffer {
    return Buffer.concat(this.received.splice(0))
  }

  disconnect(): void {
    this.#connection.destroy()
  }

  /** For the connection alone. */
  closed(): void {
    this.#events?.onClose()
  }
}

/** As much as a peer leaves unread before `send` says that there is no room. */
const OUTBOUND_BYTES = 65_536

class MemoryConnection implements Connection {
  readonly localAddress = '127.0.0.1'
  readonly localPort: number
  readonly remoteAddress: string
  readonly remotePort = 50_000
  isOpen = true
  isPaused = false
  isStalled = false
  readonly #peer: MemoryPeer
  #unsent: { readonly parts: readonly Uint8Array[]; readonly onSent: (() => void) | undefined }[] =
    []

  constructor(peer: MemoryPeer, at: { readonly port: number; readonly remoteAddress: string }) {
    this.#peer = peer
    this.localPort = at.port
    this.remoteAddress = at.remoteAddress
  }

  get unsentBytes(): number {
    let sizeBytes = 0
    for (const { parts } of this.#unsent) for (const part of parts) sizeBytes += part.length
    return sizeBytes
  }

  send(parts: readonly Uint8Array[], onSent?: () => void): boolean {
    this.#unsent.push({ parts, onSent })
    this.flush()
    return this.unsentBytes < OUTBOUND_BYTES
  }

  flush(): void {
    if (this.isStalled && this.isOpen) return
    const leaving = this.#unsent
    this.#unsent = []
    for (const { parts, onSent } of leaving) {
      if (this.isOpen) for (const part of parts) this.#peer.received.push(Uint8Array.from(part))
      onSent?.()
    }
  }

  pause(): void {
    this.isPaused = true
  }

  resume(): void {
    this.isPaused = false
  }

  close(): void {
    this.destroy()
  }

  destroy(): void {
    if (!this.isOpen) return
    this.isOpen = false
    this.flush()
    this.#peer.closed()
  }
}
