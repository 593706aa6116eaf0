import { backoffMs, sleep } from '../backoff.ts'
import { asError, ClosedError } from '../errors.ts'
import type { Address } from '../platform.ts'
import type { ClientSettings } from '../settings.ts'
import { Connection } from './connection.ts'

/**
 * What a connection is used for. A long poll holds up whatever is behind it on its connection, so fetching has its own, and
 * so have joining a group and staying in it.
 */
export type Lane = 'requests' | 'fetches' | 'coordinator'

interface Slot {
  opening: Promise<Connection> | undefined
  open: Connection | undefined
  failures: number
  retryAt: number
}

/** The connections of one producer, consumer or admin: at most one per broker and lane, opened when first needed. */
export class Connections {
  readonly #settings: ClientSettings
  readonly #slots = new Map<string, Slot>()
  readonly #closing = new AbortController()

  constructor(settings: ClientSettings) {
    this.#settings = settings
  }

  /** The connection that is open now, if any. */
  current(address: Address, lane: Lane): Connection | undefined {
    const open = this.#slots.get(slotName(address, lane))?.open
    return open?.isOpen ? open : undefined
  }

  /** Whether the last attempt to connect failed and the wait before the next one is not over. */
  isBackingOff(address: Address, lane: Lane): boolean {
    const slot = this.#slots.get(slotName(address, lane))
    return slot !== undefined && slot.retryAt > this.#settings.platform.clock.monotonic()
  }

  /** An open connection; waits for it to open, and before that for the end of a back-off. */
  get(address: Address, lane: Lane): Promise<Connection> {
    if (this.#closing.signal.aborted) return Promise.reject(this.#closing.signal.reason as Error)
    const name = slotName(address, lane)
    let slot = this.#slots.get(name)
    if (slot === undefined) {
      slot = { opening: undefined, open: undefined, failures: 0, retryAt: 0 }
      this.#slots.set(name, slot)
    }
    if (slot.open?.isOpen) return Promise.resolve(slot.open)
    slot.opening ??= this.#open(address, slot)
    return slot.opening
  }

  /** Bytes that were sent on any connection and have not left this machine yet. */
  get unsentBytes(): number {
    let bytes = 0
    for (const { open } of this.#slots.values()) if (open?.isOpen) bytes += open.unsentBytes
    return bytes
  }

  close(): void {
    const reason = new ClosedError('the client was closed')
    this.#closing.abort(reason)
    for (const slot of this.#slots.values()) slot.open?.close(reason)
    this.#slots.clear()
  }

  async #open(address: Address, slot: Slot): Promise<Connection> {
    const { platform, reconnectBackoff, log } = this.#settings
    const { signal } = this.#closing
    try {
      const waitMs = slot.retryAt - platform.clock.monotonic()
      if (waitMs > 0) await sleep(platform, waitMs, signal)
      const connection = await Connection.open(this.#settings, address)
      if (signal.aborted) {
        connection.close(signal.reason as Error)
        throw signal.reason
      }
      slot.open = connection
      slot.failures = 0
      slot.retryAt = 0
      return connection
    } catch (error) {
      slot.failures += 1
      slot.retryAt =
        platform.clock.monotonic() + backoffMs(reconnectBackoff, slot.failures, platform.random)
      if (!signal.aborted) {
        log.debug('could not connect', { ...address, failures: slot.failures, error })
      }
      throw asError(error)
    } finally {
      slot.opening = undefined
    }
  }
}

function slotName(address: Address, lane: Lane): string {
  return `${lane} ${address.host} ${address.port}`
}
