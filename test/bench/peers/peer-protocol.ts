/** What every other broker's protocol can do here, with the same effort for each: prepared bytes out, and as little parsing as there can be. */
import type { Socket } from 'node:net'

export interface StreamAt {
  readonly port: number
  readonly stream: string
}

export interface PeerProtocol {
  /** A new and empty stream that takes part in what the broker does by default. */
  create(at: StreamAt): Promise<void>
  remove(at: StreamAt): Promise<void>
  /** The bytes that publish so many records of so many bytes; more than one only where the protocol has that. */
  frame(at: StreamAt, recordBytes: number, records: number): Buffer
  /** A connection that takes frames; calls with how many records were acknowledged, and is destroyed by an error. */
  publisher(at: StreamAt, onAcknowledged: (records: number) => void): Promise<Socket>
  /** A connection that gets every record from the first on, and waits for more; calls with how many came. */
  reader(at: StreamAt, onRecords: (records: number) => void): Promise<Socket>
}
