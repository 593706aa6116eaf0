import { setImmediate } from 'node:timers/promises'
import { crc32c, nodeCodecs } from '@varve/protocol'
import type {
  Address,
  Clock,
  Platform,
  Socket,
  SocketEvents,
  Timer,
} from '../../packages/client/src/platform.ts'

interface FakeTimer extends Timer {
  readonly at: number
  readonly fire: () => void
}

/** A clock that stands still until a test advances it. */
export class FakeClock implements Clock {
  #monotonic = 0
  #timers: FakeTimer[] = []
  #endOfTurn: (() => void)[] = []

  now(): number {
    return 1_700_000_000_000 + this.#monotonic
  }

  monotonic(): number {
    return this.#monotonic
  }

  after(delayMs: number, fire: () => void): Timer {
    const timer = {
      at: this.#monotonic + Math.max(0, delayMs),
      fire,
      cancel: () => {
        this.#timers = this.#timers.filter(other => other !== timer)
      },
    }
    this.#timers.push(timer)
    return timer
  }

  endOfTurn(run: () => void): void {
    this.#endOfTurn.push(run)
  }

  get pendingTimers(): number {
    return this.#timers.length
  }

  /** Runs what is due now, and what follows from it, until nothing moves. */
  async settle(): Promise<void> {
    for (let quiet = 0; quiet < 3; ) {
      await setImmediate()
      const runs = this.#endOfTurn
      this.#endOfTurn = []
      for (const run of runs) run()
      quiet = runs.length === 0 ? quiet + 1 : 0
    }
  }

  /** Moves time on, firing each timer at its moment. */
  async advance(ms: number): Promise<void> {
    const until = this.#monotonic + ms
    await this.settle()
    for (;;) {
      const due = this.#timers.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0]
      if (due === undefined) break
      due.cancel()
      this.#monotonic = Math.max(this.#monotonic, due.at)
      due.fire()
      await this.settle()
    }
    this.#monotonic = until
    await this.settle()
  }
}

/** The far end of a connection in a test. */
export interface FakePeer {
  onBytes(chunk: Buffer): void
  onClose(): void
}

/** The near end, as the peer sees it. */
export interface FakePipe {
  /** Sends bytes to the client; they arrive at the end of the turn, in order. */
  send(bytes: Uint8Array): void
  /** Ends the connection as the peer would. */
  close(): void
}

/** How addresses answer: undefined refuses the connection. */
export type Accept = (to: Address, pipe: FakePipe) => FakePeer | undefined

/** A machine whose time and network belong to the test. */
export class FakePlatform implements Platform {
  readonly clock = new FakeClock()
  readonly codecs = nodeCodecs()
  readonly crc32c = crc32c
  readonly connections: Address[] = []
  readonly #accept: Accept
  #chance = 0

  constructor(accept: Accept) {
    this.#accept = accept
  }

  /** Not uniform, but never the same twice in a row and the same in every run. */
  readonly random = {
    below: (bound: number) => {
      this.#chance += 1
      return this.#chance % bound
    },
  }

  connect(to: Address, events: SocketEvents): Socket {
    this.connections.push(to)
    let isOpen = true
    const end = (reason: Error | undefined) => {
      if (!isOpen) return
      isOpen = false
      peer?.onClose()
      this.clock.endOfTurn(() => events.onClose(reason))
    }
    const peer = this.#accept(to, {
      send: bytes =>
        this.clock.endOfTurn(() => {
          if (isOpen) events.onBytes(Buffer.from(bytes))
        }),
      close: () => end(undefined),
    })
    if (peer === undefined) end(new Error('connect ECONNREFUSED'))
    else this.clock.endOfTurn(() => isOpen && events.onConnect())
    return {
      unsentBytes: 0,
      send: parts => {
        const bytes = Buffer.concat(parts)
        this.clock.endOfTurn(() => {
          if (isOpen) peer?.onBytes(bytes)
        })
      },
      pause: () => {},
      resume: () => {},
      destroy: () => end(undefined),
    }
  }
}
