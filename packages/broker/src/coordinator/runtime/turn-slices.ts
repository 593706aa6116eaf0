import type { Clock, Timer } from '../../world.ts'

/** How long all that is sliced may hold one turn of the event loop, together. */
const TURN_MS = 4
/** Time for everybody else before the next slices. */
const PAUSE_MS = 1

/** Something long that is done piece by piece. */
export interface SlicedJob {
  /** Does one piece, and more of them until `isOver` says so; true when something is left. */
  readonly goOn: (isOver: () => boolean) => boolean
}

/**
 * Divides the event loop's time among all shards of a broker: what is long goes on in slices, and those of one turn share one allowance,
 * however many shards are busy. Who comes when it is used up still does one piece. The others wait in line.
 */
export class TurnSlices {
  readonly #clock: Clock
  readonly #line = new Set<SlicedJob>()
  #timer: Timer | undefined
  /** Of this turn's allowance. */
  #spentMs = 0
  #isTurnCounted = false
  /** There while a job goes on: what it begins at once is within its slice. */
  #isOver: (() => boolean) | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** How many jobs are in line. */
  get waitingCount(): number {
    return this.#line.size
  }

  /** Goes on with the job within the call, and then in line. */
  atOnce(job: SlicedJob): void {
    this.#line.delete(job)
    if (this.#goOnWith(job)) this.later(job)
  }

  /** Goes on with the job when those before it have had their turn. */
  later(job: SlicedJob): void {
    this.#line.add(job)
    this.#timer ??= this.#clock.after(PAUSE_MS, this.#nextTurn)
  }

  /** Nothing more is done of the job. */
  drop(job: SlicedJob): void {
    this.#line.delete(job)
    if (this.#line.size > 0) return
    this.#timer?.cancel()
    this.#timer = undefined
  }

  readonly #nextTurn = () => {
    this.#timer = undefined
    try {
      do {
        const [job] = this.#line
        if (job === undefined) return
        this.#line.delete(job)
        if (this.#goOnWith(job)) this.#line.add(job)
      } while (this.#spentMs < TURN_MS)
    } finally {
      if (this.#line.size > 0) this.#timer ??= this.#clock.after(PAUSE_MS, this.#nextTurn)
    }
  }

  #goOnWith(job: SlicedJob): boolean {
    if (this.#isOver !== undefined) return job.goOn(this.#isOver)
    const began = this.#clock.monotonic()
    const end = began + Math.max(0, TURN_MS - this.#spentMs)
    this.#isOver = () => this.#clock.monotonic() >= end
    try {
      return job.goOn(this.#isOver)
    } finally {
      this.#isOver = undefined
      this.#spend(this.#clock.monotonic() - began)
    }
  }

  #spend(ms: number): void {
    this.#spentMs += ms
    if (this.#isTurnCounted) return
    this.#isTurnCounted = true
    this.#clock.endOfTurn(() => {
      this.#isTurnCounted = false
      this.#spentMs = 0
    })
  }
}
