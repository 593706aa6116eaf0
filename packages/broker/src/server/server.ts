/** Listens, accepts within the limits, looks at deadlines once a second, and drains at the end. */
import type { BrokerParts } from '../handlers/broker-parts.ts'
import type { ConnectionInfo, Handler } from '../handlers/handler.ts'
import { BufferPool } from '../log/buffer-pool.ts'
import type { Authorizer } from '../security/authorizer.ts'
import type { Connection, ConnectionEvents, Listener, Timer } from '../world.ts'
import { ByteBudget } from './byte-budget.ts'
import { Complaints } from './complaints.ts'
import { Router } from './router.ts'
import { ServedConnection } from './served-connection.ts'
import { FRAME_MEMORY_KEPT_BYTES, type ServerLimits, SWEEP_MS } from './server-limits.ts'

export interface ServerParts {
  readonly broker: BrokerParts
  readonly handlers: readonly Handler[]
  readonly authorizer: Authorizer
  readonly limits: ServerLimits
}

export interface ListenAt {
  /** The listener's name: `PLAINTEXT`. */
  readonly name: string
  readonly securityProtocol: ConnectionInfo['securityProtocol']
  readonly host: string
  readonly port: number
}

export class Server {
  readonly #parts: ServerParts
  readonly #router: Router
  readonly #budget: ByteBudget
  readonly #complaints: Complaints
  readonly #frameMemory = new BufferPool(FRAME_MEMORY_KEPT_BYTES)
  readonly #connections = new Set<ServedConnection>()
  readonly #countByAddress = new Map<string, number>()
  readonly #listeners: Listener[] = []
  #nextConnectionId = 1
  #sweep: Timer | undefined
  #onEmpty: (() => void) | undefined

  constructor(parts: ServerParts) {
    this.#parts = parts
    this.#router = new Router(parts)
    this.#budget = new ByteBudget(parts.limits.bytesMax)
    this.#complaints = new Complaints(parts.broker.world.clock, parts.broker.world.log)
  }

  get connectionsCount(): number {
    return this.#connections.size
  }

  get inFlightBytes(): number {
    return this.#budget.used
  }

  /** Opens one listener; rejects with a `NetworkError`. */
  async listen(at: ListenAt): Promise<Listener> {
    const listener = await this.#parts.broker.world.network.listen(at, connection =>
      this.#accept(connection, at),
    )
    this.#listeners.push(listener)
    if (this.#sweep === undefined) this.#scheduleSweep()
    return listener
  }

  /** Stops accepting and reading, answers what waits, and ends what has not ended after `deadlineMs`. */
  async stop(deadlineMs: number): Promise<void> {
    const { clock } = this.#parts.broker.world
    await Promise.all(this.#listeners.splice(0).map(listener => listener.close()))
    for (const connection of [...this.#connections]) connection.closeAfterAnswers()
    if (this.#connections.size > 0) {
      await new Promise<void>(resolve => {
        const timer = clock.after(deadlineMs, () => {
          for (const connection of [...this.#connections]) connection.destroy()
        })
        this.#onEmpty = () => {
          timer.cancel()
          resolve()
        }
      })
    }
    this.#sweep?.cancel()
    this.#sweep = undefined
  }

  /** Ends everything now. */
  destroy(): void {
    for (const listener of this.#listeners.splice(0)) void listener.close()
    for (const connection of [...this.#connections]) connection.destroy()
    this.#sweep?.cancel()
    this.#sweep = undefined
  }

  #accept(connection: Connection, at: ListenAt): ConnectionEvents {
    const { broker, limits } = this.#parts
    const { remoteAddress } = connection
    const refusal = this.#refusal(remoteAddress)
    if (refusal !== undefined) {
      this.#complaints.note(remoteAddress, refusal, {})
      connection.destroy()
      return { onBytes: () => undefined, onDrain: () => undefined, onClose: () => undefined }
    }
    const served = new ServedConnection({
      connection,
      info: {
        id: this.#nextConnectionId++,
        listener: at.name,
        securityProtocol: at.securityProtocol,
        principal: 'User:ANONYMOUS',
        localAddress: connection.localAddress,
        localPort: connection.localPort,
        remoteAddress,
      },
      router: this.#router,
      clock: broker.world.clock,
      budget: this.#budget,
      complaints: this.#complaints,
      limits,
      frameMemory: this.#frameMemory,
      onClosed: closed => this.#closed(closed),
    })
    this.#connections.add(served)
    this.#countByAddress.set(remoteAddress, this.#countOf(remoteAddress) + 1)
    return served
  }

  #refusal(remoteAddress: string): string | undefined {
    const { limits } = this.#parts
    if (this.#connections.size >= limits.connectionsMax) return 'max.connections is reached'
    return this.#countOf(remoteAddress) >= limits.connectionsPerAddressMax(remoteAddress)
      ? 'max.connections.per.ip is reached'
      : undefined
  }

  #countOf(remoteAddress: string): number {
    return this.#countByAddress.get(remoteAddress) ?? 0
  }

  #closed(served: ServedConnection): void {
    this.#connections.delete(served)
    const { remoteAddress } = served.info
    const count = this.#countOf(remoteAddress) - 1
    if (count > 0) this.#countByAddress.set(remoteAddress, count)
    else this.#countByAddress.delete(remoteAddress)
    if (this.#connections.size === 0) this.#onEmpty?.()
  }

  #scheduleSweep(): void {
    const { clock } = this.#parts.broker.world
    this.#sweep = clock.after(SWEEP_MS, () => {
      const now = clock.monotonic()
      for (const connection of this.#connections) connection.sweep(now)
      this.#scheduleSweep()
    })
  }
}
