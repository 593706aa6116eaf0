/** When the logs are opened that a start has left closed: in the call that asks for one, a few at a time for who asks for many, and the others behind them. */
import type { Clock } from '../world.ts'
import type { Assignment } from './assignment.ts'
import { Breath } from './breath.ts'
import { LogOpener } from './log-opener.ts'
import type { UnopenedLogs } from './unopened-logs.ts'

/** How long all who ask for many logs hold the event loop together, unless a single log takes longer. */
const ASKED_MS = 10
/** The same where nobody can be served before it is done, or a whole look at the disk is wanted. */
const ALL_MS = 50

export interface LazyOpeningOptions {
  readonly clock: Clock
  readonly unopened: UnopenedLogs
  /** Opens a log that was taken out of `unopened`. */
  readonly open: (assignment: Assignment) => void
}

export class LazyOpening {
  readonly #clock: Clock
  readonly #unopened: UnopenedLogs
  readonly #open: (assignment: Assignment) => void
  readonly #background: LogOpener
  /** One for all who ask: each of them could hold the loop as long as all of them may. */
  readonly #breath: Breath
  #isClosed = false

  constructor({ clock, unopened, open }: LazyOpeningOptions) {
    this.#clock = clock
    this.#unopened = unopened
    this.#open = open
    this.#breath = new Breath(clock, ASKED_MS)
    this.#background = new LogOpener(clock, () => this.#openNext())
    if (unopened.count > 0) this.#background.start()
  }

  /** Opens the log in this very call, if it is one that is closed. */
  openNow(topicId: string, partition: number): void {
    const assignment = this.#isClosed ? undefined : this.#unopened.take(topicId, partition)
    if (assignment !== undefined) this.#open(assignment)
  }

  /** Opens those that are closed, with breaks for others; undefined when none is. One may be gone or offline by the time that this resolves. */
  openAsked(
    asked: Iterable<{ readonly topicId: string; readonly partition: number }>,
  ): Promise<void> | undefined {
    if (this.#isClosed || this.#unopened.count === 0) return undefined
    const closed = [...asked].filter(identity => this.#unopened.has(identity))
    return closed.length === 0 ? undefined : this.#openEach(closed)
  }

  async #openEach(
    closed: readonly { readonly topicId: string; readonly partition: number }[],
  ): Promise<void> {
    for (const { topicId, partition } of closed) {
      await this.#breath.draw()
      this.openNow(topicId, partition)
    }
  }

  /** Opens every log, with breaks for others. */
  async openAll(): Promise<void> {
    const breath = new Breath(this.#clock, ALL_MS)
    while (this.#openNext() === 'more') await breath.draw()
  }

  /** From now on what is closed stays so. */
  close(): void {
    this.#isClosed = true
    this.#background.close()
  }

  #openNext(): 'more' | 'all open' {
    const [next] = this.#isClosed ? [] : this.#unopened.all()
    if (next === undefined) return 'all open'
    this.openNow(next.identity.topicId, next.identity.partition)
    return 'more'
  }
}
