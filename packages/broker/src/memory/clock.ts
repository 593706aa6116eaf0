/** A clock that stands still until it is told to advance. For tests and for simulations of one broker. */
import type { Clock, Timer } from '../world.ts'

interface Waiting extends Timer {
  readonly dueAt: number
  readonly order: number
  readonly fire: () => void
}

export class MemoryClock implements Clock {
  #now: number
  #monotonic = 0
  #order = 0
  #waiting: Waiting[] = []
  #endOfTurn: (() => void)[] = []

  constructor(at: { readonly now: number }) {
    this.#now = at.now
  }

  now(): number {
    return this.#now
  }

  monotonic(): number {
    return this.#monotonic
  }

  after(delayMs: number, fire: () => void): Timer {
    const waiting: Waiting = {
      dueAt: this.#monotonic + Math.max(0, delayMs),
      order: this.#order++,
      fire,
      cancel: () => {
        this.#waiting = this.#waiting.filter(other => other !== waiting)
      },
    }
    this.#waiting.push(waiting)
    return waiting
  }

  endOfTurn(run: () => void): void {
    this.#endOfTurn.push(run)
  }

  /** Timers that wait. */
  get waitingCount(): number {
    return this.#waiting.length
  }

  /** Ends the current turn: runs what waits for it, and what that asks for. */
  turn(): void {
    while (this.#endOfTurn.length > 0) {
      const runs = this.#endOfTurn
      this.#endOfTurn = []
      for (const run of runs) run()
    }
  }

  /** Moves time on, firing each timer at its own moment and ending a turn after each. */
  advance(byMs: number): void {
    const end = this.#monotonic + byMs
    this.turn()
    for (let next = this.#earliest(end); next !== undefined; next = this.#earliest(end)) {
      this.#moveTo(Math.max(next.dueAt, this.#monotonic))
      next.cancel()
      next.fire()
      this.turn()
    }
    this.#moveTo(end)
  }

  /** Moves the wall clock alone, as a correction by the operator or by NTP does. */
  jumpWallClock(byMs: number): void {
    this.#now += byMs
  }

  #moveTo(monotonic: number): void {
    this.#now += monotonic - this.#monotonic
    this.#monotonic = monotonic
  }

  #earliest(end: number): Waiting | undefined {
    let earliest: Waiting | undefined
    for (const waiting of this.#waiting) {
      if (waiting.dueAt > end) continue
      if (earliest === undefined || isBefore(waiting, earliest)) earliest = waiting
    }
    return earliest
  }
}

function isBefore(one: Waiting, other: Waiting): boolean {
  return one.dueAt === other.dueAt ? one.order < other.order : one.dueAt < other.dueAt
}
