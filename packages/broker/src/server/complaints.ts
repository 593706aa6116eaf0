/** What the log says of peers that break the protocol: once per peer and minute, with a hint where the bytes tell what they are. */
import type { Clock, Log } from '../world.ts'
import { NOTE_INTERVAL_MS, NOTED_PEERS_MAX } from './server-limits.ts'

export class Complaints {
  readonly #clock: Clock
  readonly #log: Log
  readonly #notedAt = new Map<string, number>()

  constructor(clock: Clock, log: Log) {
    this.#clock = clock
    this.#log = log
  }

  note(remoteAddress: string, reason: string, fields: { readonly [name: string]: unknown }): void {
    const now = this.#clock.monotonic()
    const notedAt = this.#notedAt.get(remoteAddress)
    if (notedAt !== undefined && now - notedAt < NOTE_INTERVAL_MS) return
    this.#notedAt.delete(remoteAddress)
    if (this.#notedAt.size >= NOTED_PEERS_MAX) {
      const [oldest] = this.#notedAt.keys()
      if (oldest !== undefined) this.#notedAt.delete(oldest)
    }
    this.#notedAt.set(remoteAddress, now)
    this.#log.warn('connection closed', { remoteAddress, reason, ...fields })
  }
}

const HTTP_METHODS = ['GET ', 'POST', 'PUT ', 'HEAD', 'OPTI', 'DELE', 'PATC', 'CONN', 'PRI ']

/** What the first four bytes of a frame, read as its size, really are. */
export function frameSizeHint(sizeBytes: number): string | undefined {
  const bytes = Buffer.allocUnsafe(4)
  bytes.writeInt32BE(sizeBytes | 0)
  const text = bytes.toString('latin1')
  if (HTTP_METHODS.includes(text))
    return 'this looks like HTTP: the port speaks the Kafka protocol only'
  if (text === 'SSH-') return 'this looks like SSH: the port speaks the Kafka protocol only'
  // A TLS record begins with its type (22, handshake) and the major version 3.
  if (bytes[0] === 0x16 && bytes[1] === 0x03) {
    return 'this looks like TLS on a plaintext listener: set security.protocol=PLAINTEXT in the client'
  }
  return undefined
}

const CLIENT_ID_CHARACTERS_MAX = 80

/** A client id for the log: cut, and with nothing in it that a terminal obeys. */
export function printableClientId(clientId: string): string {
  const cut =
    clientId.length > CLIENT_ID_CHARACTERS_MAX
      ? `${clientId.slice(0, CLIENT_ID_CHARACTERS_MAX)}...`
      : clientId
  return cut.replace(/[^\x20-\x7e]/g, '?')
}
