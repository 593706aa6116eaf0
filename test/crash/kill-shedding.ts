import { readdirSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import type { ShedPartition } from './kill-shed.ts'

/** Fewer rounds may be over before a tombstone has outlived its time. */
const ROUNDS_FOR_ALL = 8
/** How long it may take under load until every partition has lost something. */
const PATIENCE_MS = 60_000
const LOOK_EVERY_MS = 20
const CLEANED = 'A log was compacted.'

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

  /** Resolves when every partition of these has lost something since the broker started that has `printed` this; throws when one does not. */
  async atWork(printed: () => string): Promise<void> {
    const starts = new Map(this.#partitions.map(each => [each, each.seen.logStartOffset]))
    const isIdle = (partition: ShedPartition): boolean => {
      const { name, producer, rules } = partition
      const lines = rules.isCompacted ? printed().split('\n') : []
      const isCleaned = lines.some(line => line.includes(CLEANED) && line.includes(`/${name}"`))
      const isDeleted = producer.logStartOffset > (starts.get(partition) ?? 0)
      return (rules.isCompacted && !isCleaned) || (rules.isRetained && !isDeleted)
    }
    for (const deadline = performance.now() + PATIENCE_MS; ; await delay(LOOK_EVERY_MS)) {
      const idle = this.#partitions.filter(isIdle)
      if (idle.length === 0) return
      if (performance.now() > deadline)
        throw new Error(`${idle.map(({ name }) => name)} lost nothing in ${PATIENCE_MS} ms`)
    }
  }

  /** After a broker has ended: what it printed, and the files that it left behind. */
  look(printed: string): void {
    this.#cleanings += printed.split(CLEANED).length - 1
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
      `${this.brief()}, ${tombstonesGone} keys were gone with their tombstones at once`,
      `restarts that found more gone, by partition: ${growth}`,
    ].join('; ')
  }

  #requireAll(rounds: number, tombstonesGone: number): void {
    for (const { name, rules, seen } of this.#partitions) {
      if (seen.restartsWithMore < rounds / 2)
        throw new Error(
          `only ${seen.restartsWithMore} of ${rounds} restarts found more of ${name} gone`,
        )
      if (rules.isRetained && seen.logStartOffset === 0)
        throw new Error(`nothing of ${name} was deleted`)
      if (rules.isCompacted && seen.mostGone === 0)
        throw new Error(`nothing of ${name} was cleaned`)
    }
    if (this.#cleanings < rounds) throw new Error(`logs were cleaned only ${this.#cleanings} times`)
    if (tombstonesGone === 0) throw new Error('no tombstone has outlived its time')
  }

  #sum(of: (partition: ShedPartition) => number): number {
    return this.#partitions.reduce((sum, partition) => sum + of(partition), 0)
  }
}
