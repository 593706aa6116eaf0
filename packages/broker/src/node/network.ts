/** TCP as the broker sees it. */
import { type AddressInfo, createServer, type Server, Socket } from 'node:net'
import {
  type Connection,
  type ConnectionEvents,
  type Listener,
  type Network,
  NetworkError,
} from '../world.ts'

/**
 * Larger buffers are slower: they fall out of the processor's cache. All connections share one, because what arrives is
 * handled before the next read begins.
 */
const RECEIVE_BUFFER_BYTES = 65_536
/** Connections that the operating system keeps for us until they are accepted. */
const BACKLOG = 1024

export function nodeNetwork(): Network {
  const receiveBuffer = Buffer.allocUnsafeSlow(RECEIVE_BUFFER_BYTES)
  return {
    listen: (at, accept) =>
      new Promise((resolve, reject) => {
        const server = createServer(
          { pauseOnConnect: true, noDelay: true, keepAlive: true },
          socket => {
            adopt(socket, receiveBuffer, accept)
          },
        )
        server.once('error', error =>
          reject(networkError(`listen on ${at.host}:${at.port}`, error)),
        )
        // No host: all interfaces, of IPv6 as well where there is any.
        const host = at.host === '' ? {} : { host: at.host }
        server.listen({ ...host, port: at.port, backlog: BACKLOG }, () => {
          server.removeAllListeners('error')
          // A failed accept (too many open files) concerns one connection; the others live on.
          server.on('error', () => undefined)
          resolve(listenerOf(server, at.host))
        })
      }),
  }
}

function listenerOf(server: Server, host: string): Listener {
  return {
    host,
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise(resolve => {
        // Node calls back only when the last connection has ended; not listening any more is what is promised here.
        server.close()
        resolve()
      }),
  }
}

function networkError(attempt: string, error: NodeJS.ErrnoException): NetworkError {
  return new NetworkError(attempt, error.code ?? 'UNKNOWN', error)
}

/** The undocumented part of an accepted socket: the handle that can be wrapped again. */
interface Accepted {
  _handle: unknown
}

function adopt(
  accepted: Socket,
  receiveBuffer: Buffer,
  accept: (connection: Connection) => ConnectionEvents,
): void {
  // Gone before it was accepted: it has no address to speak of.
  if (accepted.remoteAddress === undefined || accepted.localAddress === undefined) {
    accepted.destroy()
    return
  }
  const handle = (accepted as unknown as Accepted)._handle
  if (canReceiveInto(handle)) rewrap(accepted, handle, { receiveBuffer, accept })
  else receiveByEvents(accepted, accept)
}

/**
 * Only sockets made by `connect` offer a static receive buffer (`onread`), and it takes 40% off the cost of receiving. So
 * the accepted handle is wrapped again. On Windows a read is under way while others are handled, so that one shared
 * buffer would be overwritten.
 */
function canReceiveInto(handle: unknown): handle is object {
  return (
    globalThis.process.platform !== 'win32' &&
    typeof handle === 'object' &&
    handle !== null &&
    'useUserBuffer' in handle &&
    typeof handle.useUserBuffer === 'function'
  )
}

function rewrap(
  accepted: Socket,
  handle: object,
  {
    receiveBuffer,
    accept,
  }: { receiveBuffer: Buffer; accept: (connection: Connection) => ConnectionEvents },
): void {
  ;(accepted as unknown as Accepted)._handle = null
  // Without its handle this ends nothing but the server's count of open connections.
  accepted.destroy()
  let events: ConnectionEvents | undefined
  const callback = (size: number) => {
    events?.onBytes(receiveBuffer.subarray(0, size))
    return true
  }
  const options = { handle, manualStart: true, onread: { buffer: receiveBuffer, callback } }
  const socket = new Socket(options as ConstructorParameters<typeof Socket>[0])
  events = begin(socket, accept)
  socket.resume()
}

function receiveByEvents(
  socket: Socket,
  accept: (connection: Connection) => ConnectionEvents,
): void {
  const events = begin(socket, accept)
  socket.on('data', chunk => events.onBytes(chunk as Buffer))
  socket.resume()
}

function begin(
  socket: Socket,
  accept: (connection: Connection) => ConnectionEvents,
): ConnectionEvents {
  const events = accept(new NodeConnection(socket))
  // A broken connection is told by 'close', which always follows.
  socket.on('error', () => undefined)
  socket.on('drain', () => events.onDrain())
  socket.on('close', () => events.onClose())
  return events
}

class NodeConnection implements Connection {
  readonly localAddress: string
  readonly localPort: number
  readonly remoteAddress: string
  readonly remotePort: number
  readonly #socket: Socket

  constructor(socket: Socket) {
    this.#socket = socket
    this.localAddress = plainAddress(socket.localAddress ?? '')
    this.localPort = socket.localPort ?? 0
    this.remoteAddress = plainAddress(socket.remoteAddress ?? '')
    this.remotePort = socket.remotePort ?? 0
  }

  get unsentBytes(): number {
    return this.#socket.writableLength
  }

  send(parts: readonly Uint8Array[], onSent?: () => void): boolean {
    const socket = this.#socket
    const last = parts.length - 1
    if (last < 0 || socket.destroyed || socket.writableEnded) {
      onSent?.()
      return true
    }
    if (last === 0)
      return onSent === undefined
        ? socket.write(parts[0]!)
        : socket.write(parts[0]!, () => onSent())
    socket.cork()
    let hasRoom = true
    for (let index = 0; index < last; index++) socket.write(parts[index]!)
    hasRoom =
      onSent === undefined ? socket.write(parts[last]!) : socket.write(parts[last]!, () => onSent())
    socket.uncork()
    return hasRoom
  }

  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  close(): void {
    this.#socket.end()
    // The peer may never end its side; what it still sends is of no interest.
    this.#socket.destroySoon()
  }

  destroy(): void {
    this.#socket.destroy()
  }
}

/** Node says `::ffff:127.0.0.1` for an IPv4 peer of a socket that serves both; clients and logs want the plain form. */
function plainAddress(address: string): string {
  return address.startsWith('::ffff:') ? address.slice(7) : address
}
