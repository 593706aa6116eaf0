import type { Codecs, Crc32c } from '@varve/protocol'

/**
 * The machine as the client sees it: time, chance, sockets and the compression libraries. `node/platform.ts` is the real
 * one; tests bring a scripted one, so that every retry and timeout is exercised without waiting for it.
 */
export interface Platform {
  readonly clock: Clock
  readonly random: Random
  readonly codecs: Codecs
  readonly crc32c: Crc32c
  /** Begins to connect. `events.onConnect` or `events.onClose` follows, never during this call. */
  connect(to: Address, events: SocketEvents): Socket
}

/** Where a broker listens. */
export interface Address {
  readonly host: string
  readonly port: number
}

export interface Clock {
  /** Wall-clock milliseconds since 1970: for record timestamps, never for durations. */
  now(): number
  /** Milliseconds that only grow. For deadlines. */
  monotonic(): number
  /** Calls `fire` once, after at least `delayMs`. */
  after(delayMs: number, fire: () => void): Timer
  /** Calls `run` once when this turn of the event loop has handled what is at hand: the moment to gather what it left. */
  endOfTurn(run: () => void): void
}

export interface Timer {
  cancel(): void
}

export interface Random {
  /** A uniform integer, 0 <= n < `bound`. */
  below(bound: number): number
}

export interface Socket {
  /** Sends the parts in order without copying them; they may not change until they have left. */
  send(parts: readonly Uint8Array[]): void
  /** Bytes that were sent and have not left yet. */
  readonly unsentBytes: number
  pause(): void
  resume(): void
  /** Ends the connection now. `onClose` follows. */
  destroy(): void
}

export interface SocketEvents {
  onConnect(): void
  /** `chunk` is valid only during the call: its memory is reused for the next bytes. */
  onBytes(chunk: Buffer): void
  /** Called exactly once, last; with the reason unless this side or the other ended it in order. */
  onClose(reason: Error | undefined): void
}
