/**
 * Where requests wait: fetches for bytes, produces for their commit. Owners say what changed and nothing is looked through
 * again; what waits too long is ended by its deadline.
 */
import type { Clock, Timer } from '../world.ts'
import { CoarseDeadlines, type DeadlineSlice, type Expirable } from './coarse-deadlines.ts'

export interface LongPoll {
  readonly missingBytes: number
  readonly maxWaitMs: number
  /** Called once, at the end of the turn in which the wait ended, so that all the bytes of that turn are there. */
  readonly done: () => void
}

export class Purgatory {
  readonly #clock: Clock
  readonly #parked = new Set<ParkedFetch>()
  readonly #deadlines: CoarseDeadlines

  constructor(clock: Clock) {
    this.#clock = clock
    this.#deadlines = new CoarseDeadlines(clock)
  }

  /** Long polls that wait at this moment. */
  get parkedCount(): number {
    return this.#parked.size
  }

  /** Waits for bytes, at most for so long. */
  park(poll: LongPoll): ParkedFetch {
    const parked = new ParkedFetch(poll, this.#clock, () => this.#parked.delete(parked))
    this.#parked.add(parked)
    return parked
  }

  /** Ends every long poll: the metadata changed, or the broker stops, and each has to look for itself. */
  wakeAll(): void {
    for (const parked of [...this.#parked]) parked.end()
  }

  /** Expires `waiting` after `delayMs` or up to half a second later: for deadlines that hardly any request reaches. */
  deadline(delayMs: number, waiting: Expirable): DeadlineSlice {
    return this.#deadlines.add(delayMs, waiting)
  }
}

/** A long poll in waiting. Whoever feeds it keeps calling `add` until `done`. */
export class ParkedFetch {
  readonly #done: () => void
  readonly #clock: Clock
  readonly #forget: () => void
  readonly #timer: Timer
  #missingBytes: number
  #state: 'waiting' | 'ending' | 'over' = 'waiting'

  constructor(poll: LongPoll, clock: Clock, forget: () => void) {
    this.#missingBytes = poll.missingBytes
    this.#done = poll.done
    this.#clock = clock
    this.#forget = forget
    this.#timer = clock.after(poll.maxWaitMs, () => this.end())
  }

  /** `addedBytes` more can be read. */
  add(addedBytes: number): void {
    this.#missingBytes -= addedBytes
    if (this.#missingBytes <= 0) this.end()
  }

  /** Ends the wait at the end of this turn. */
  end(): void {
    if (this.#state !== 'waiting') return
    this.#state = 'ending'
    this.#timer.cancel()
    this.#clock.endOfTurn(() => this.#finish())
  }

  /** Ends the wait now: another request stands behind it, and the answer has to be in front of its answer. */
  endNow(): void {
    if (this.#state === 'over') return
    this.#timer.cancel()
    this.#finish()
  }

  /** Forgets the wait: nobody is there any more to answer to. */
  drop(): void {
    this.#state = 'over'
    this.#timer.cancel()
    this.#forget()
  }

  #finish(): void {
    if (this.#state === 'over') return
    this.#state = 'over'
    this.#forget()
    this.#done()
  }
}
