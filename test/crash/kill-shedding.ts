import { readdirSync } from 'node:fs'
import type { ShedPartition } from './kill-shed.ts'

/** Fewer rounds may be over before there was enough to clean and to delete. */
const ROUNDS_FOR_ALL = 25

/** Whether cleaning and retention were at work in a run, and how much: a proof in which they slept shows nothing. */
export class SheddingSeen {
  readonly #dataFolder: string
  readonly #partitions: readonly ShedPartition[]
  #cleanings = 0
  /** Kills that left files of a cleaning behind that was not finished. */
  #cutCleanings = 0
  /** Kills that left files behind that retention or cleaning had given up. */
  #cutRemovals = 0

  constructor(dataFolder: string, partitions: readonly ShedPartition[]) {
    this.#dataFolder = dataFolder
    this.#partitions = partitions
  }

  /** After a broker has ended: what it printed, and the files that it left behind. */
  look(printed: string): void {
    this.#cleanings += printed.split('A log was compacted.').length - 1
    const names = readdirSync(this.#dataFolder, { recursive: true }).map(name => String(name))
    if (names.some(name => /\.(cleaned|swap)$/.test(name))) this.#cutCleanings += 1
    if (names.some(name => name.endsWith('.deleted'))) this.#cutRemovals += 1
  }

  /** For the line of a round. */
  brief(): string {
    const gone = this.#sum(({ seen }) => seen.gone)
    const starts = this.#partitions.filter(({ rules }) => rules.isRetained)
    return `${gone} cleaned away, logs start at ${starts.map(({ seen }) => seen.logStartOffset).join()}`
  }

  /** What was seen. Throws when there was less than a run of so many rounds must have. */
  verdict(rounds: number): string {
    const tombstonesGone = this.#sum(({ seen }) => seen.tombstonesGone)
    if (rounds >= ROUNDS_FOR_ALL) this.#requireAll(rounds, tombstonesGone)
    const growth = this.#partitions.map(({ seen }) => seen.restartsWithMore).join()
    return [
      `logs were cleaned ${this.#cleanings} times, ${this.#cutCleanings} kills cut a cleaning, ${this.#cutRemovals} a removal`,
      `${this.brief()}, ${tombstonesGone} keys are gone with their tombstones`,
      `restarts that found more gone, by partition: ${growth}`,
    ].join('; ')
  }

  #requireAll(rounds: number, tombstonesGone: number): void {
    for (const { rules, producer, seen } of this.#partitions) {
      const name = `${rules.topic}-${producer.options.partition}`
      const least = rounds / ROUNDS_FOR_ALL
      if (seen.restartsWithMore < least)
        throw new Error(
          `only ${seen.restartsWithMore} of ${rounds} restarts found more of ${name} gone`,
        )
      if (rules.isRetained && seen.logStartOffset === 0)
        throw new Error(`nothing of ${name} was deleted`)
      if (rules.isCompacted && seen.mostGone === 0)
        throw new Error(`nothing of ${name} was cleaned`)
    }
    if (this.#cleanings < rounds / ROUNDS_FOR_ALL)
      throw new Error(`logs were cleaned only ${this.#cleanings} times`)
    if (tombstonesGone === 0) throw new Error('no tombstone has outlived its time')
  }

  #sum(of: (partition: ShedPartition) => number): number {
    return this.#partitions.reduce((sum, partition) => sum + of(partition), 0)
  }
}
