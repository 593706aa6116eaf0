import type { Outcome } from './run.ts'

/** Things that are done one after the other, each reported with how long it took. */
export class Attempts {
  readonly #peer: string
  readonly #report: (outcome: Outcome) => void
  readonly #log: (line: string) => void

  constructor(
    peer: string,
    to: {
      readonly report: (outcome: Outcome) => void
      readonly log: (line: string) => void
    },
  ) {
    this.#peer = peer
    this.#report = to.report
    this.#log = to.log
  }

  /** `work` gives what it found wrong; whether that was nothing. */
  async attempt(says: string, work: () => Promise<readonly string[]>): Promise<boolean> {
    const since = performance.now()
    const faults = await work().catch((error: unknown) => [String(error)])
    const problem = faults.length === 0 ? undefined : faults.slice(0, 3).join('; ')
    const seconds = ((performance.now() - since) / 1000).toFixed(1)
    this.say(`${problem === undefined ? '' : 'not: '}${says} (${seconds} s)`)
    this.#report({ peer: this.#peer, says, problem })
    return problem === undefined
  }

  say(line: string): void {
    this.#log(`${this.#peer}: ${line}`)
  }
}
