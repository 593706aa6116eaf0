/**
 * A source task that writes exactly once asks the one thread of its worker twice whether it may start: before it takes a producer id and
 * after it. That thread, when it is to stop the task, waits for it instead: in a rebalance, in which it hears nobody, or at its own end,
 * with the lock held that the question takes. So both wait until `task.shutdown.graceful.timeout.ms` has passed. Kafka 4.2 shows it on
 * a broker of its own too.
 */

/** Who says, at INFO, how far such a task has come. */
export const TELL_OF_STARTS = [
  'org.apache.kafka.clients.producer.KafkaProducer',
  'org.apache.kafka.clients.producer.internals.TransactionManager',
  'org.apache.kafka.connect.storage.KafkaOffsetBackingStore',
]

type Wait = 'for its worker' | 'for the broker'

const BEGINS = /^\[.*\] (INFO|WARN|ERROR) /
const TASK = /clientId=connector-producer-([^,\]]+)/
const READS_OFFSETS = /^\[task-thread-([^\]]+)\] .* Starting KafkaOffsetBackingStore/
const NOT_STOPPED = /\.Worker - Graceful stop of task (\S+) failed\.$/
const ORPHAN =
  /\.WorkerTask - .*\{id=([^}]+)\} After being scheduled for shutdown, the orphan task threw/
const REFUSED = /DistributedHerder\.verifyTaskGenerationAndOwnership\(|: Worker is shutting down\n/
const NOT_ENDED = /\.ThreadUtils - Executor .* did not terminate in time$/

/**
 * What a worker logged but for its wait for a task that waits for it, and what follows from that: that it was not stopped in time, the
 * answer that it gets when nobody waits for it any more, and its thread that outlives the worker.
 */
export function withoutWaitsForStarts(lines: readonly string[]): string[] {
  const starts = new Starts()
  return entriesOf(lines).filter(entry => !starts.explains(entry))
}

class Starts {
  readonly #waits = new Map<string, Wait>()
  readonly #givenUp = new Set<string>()

  /** Entries are shown to it in their order. */
  explains(entry: string): boolean {
    if (/^\[.*\] INFO /.test(entry)) {
      this.#follow(entry)
      return true
    }
    const notStopped = NOT_STOPPED.exec(entry)?.[1]
    if (notStopped !== undefined) {
      if (this.#waits.get(notStopped) !== 'for its worker') return false
      this.#givenUp.add(notStopped)
      return true
    }
    const orphan = ORPHAN.exec(entry)?.[1]
    if (orphan !== undefined) return this.#givenUp.has(orphan) && REFUSED.test(`${entry}\n`)
    return NOT_ENDED.test(entry) && this.#givenUp.size > 0
  }

  #follow(entry: string): void {
    const reads = READS_OFFSETS.exec(entry)?.[1]
    if (reads !== undefined) this.#waits.delete(reads)
    const task = TASK.exec(entry)?.[1]
    if (task === undefined) return
    const is = this.#waits.get(task)
    if (entry.includes('Instantiated a transactional producer'))
      this.#waits.set(task, 'for its worker')
    else if (is !== undefined && entry.includes('Invoking InitProducerId'))
      this.#waits.set(task, 'for the broker')
    else if (is === 'for the broker' && entry.includes('ProducerId set to'))
      this.#waits.set(task, 'for its worker')
  }
}

/** Each with what stands below it. */
function entriesOf(lines: readonly string[]): string[] {
  const entries: string[] = []
  for (const line of lines) {
    if (BEGINS.test(line) || entries.length === 0) entries.push(line)
    else entries.push(`${entries.pop()}\n${line}`)
  }
  return entries
}
