/**
 * The real clock. It takes the timers of Node when this module is loaded: a test that installs fake timers later freezes
 * its own code, not the broker beside it.
 */
import { performance } from 'node:perf_hooks'
import { clearTimeout, setImmediate, setTimeout } from 'node:timers'
import type { Clock, Timer } from '../world.ts'
import { TimerWheel } from './timer-wheel.ts'

const wallNow = Date.now
const monotonicNow = performance.now.bind(performance)
const startTimeout = setTimeout
const stopTimeout = clearTimeout
const startImmediate = setImmediate
const errorOf = (thrown: unknown): Error =>
  thrown instanceof Error ? thrown : new Error(String(thrown))

/** Rounds of "run what the last round asked for" within one turn, before the event loop gets its turn again. */
const ROUNDS_MAX = 8
/** Node clamps longer timeouts to 1 ms. */
const TIMEOUT_MAX_MS = 2 ** 31 - 1

export class NodeClock implements Clock {
  readonly #onError: (error: Error) => void
  readonly #wheel = new TimerWheel(Math.floor(monotonicNow()))
  #timeout: NodeJS.Timeout | undefined
  #wakeAt = Number.POSITIVE_INFINITY
  #endOfTurn: (() => void)[] = []
  #isTurnScheduled = false

  /** `onError` gets what a timer or an end-of-turn callback throws; the others still run. */
  constructor(onError: (error: Error) => void) {
    this.#onError = onError
  }

  now(): number {
    return wallNow()
  }

  monotonic(): number {
    return monotonicNow()
  }

  after(delayMs: number, fire: () => void): Timer {
    const timer = this.#wheel.add(Math.ceil(monotonicNow() + Math.max(0, delayMs)), fire)
    if (timer.dueTick < this.#wakeAt) this.#arm(timer.dueTick)
    return timer
  }

  /**
   * Node runs immediates right after the poll phase that delivered the bytes at hand, and does not sleep in between. What a
   * callback asks for runs in the same turn, so that a write, the answer it allows and the socket write share it.
   */
  endOfTurn(run: () => void): void {
    this.#endOfTurn.push(run)
    if (this.#isTurnScheduled) return
    this.#isTurnScheduled = true
    startImmediate(this.#runTurn)
  }

  readonly #runTurn = () => {
    for (let round = 0; round < ROUNDS_MAX && this.#endOfTurn.length > 0; round++) {
      const runs = this.#endOfTurn
      this.#endOfTurn = []
      for (const run of runs) this.#guard(run)
    }
    this.#isTurnScheduled = this.#endOfTurn.length > 0
    if (this.#isTurnScheduled) startImmediate(this.#runTurn)
  }

  readonly #wake = () => {
    this.#timeout = undefined
    this.#wakeAt = Number.POSITIVE_INFINITY
    this.#wheel.advance(Math.floor(monotonicNow()), this.#guard)
    const next = this.#wheel.nextTick()
    if (next !== undefined && next < this.#wakeAt) this.#arm(next)
  }

  #arm(tick: number): void {
    if (this.#timeout !== undefined) stopTimeout(this.#timeout)
    this.#wakeAt = tick
    this.#timeout = startTimeout(
      this.#wake,
      Math.min(TIMEOUT_MAX_MS, Math.max(1, Math.ceil(tick - monotonicNow()))),
    )
    // A listening socket keeps the process alive, a waiting timer must not.
    this.#timeout.unref()
  }

  readonly #guard = (run: () => void) => {
    try {
      run()
    } catch (error) {
      this.#onError(errorOf(error))
    }
  }
}
