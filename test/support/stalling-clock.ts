import { MemoryClock } from '../../packages/broker/src/memory/clock.ts'

/** A clock that can be made to stall: time passes at once, and what was due meanwhile fires afterwards, late. */
export class StallingClock extends MemoryClock {
  #stalledMs = 0

  override monotonic(): number {
    return super.monotonic() + this.#stalledMs
  }

  stall(durationMs: number): void {
    this.#stalledMs += durationMs
  }
}
