import type { Cluster } from '../cluster/cluster.ts'

/** A topic that does not exist is reported again after this long. */
const REPORT_EVERY_MS = 60_000

/** Looks after the topics that a member reads: keeps what is known of them fresh, and says which do not exist. */
export class MissingTopics {
  readonly #cluster: Cluster
  readonly #topics: readonly string[]
  #reportedAt = Number.NEGATIVE_INFINITY

  constructor(cluster: Cluster, topics: readonly string[]) {
    this.#cluster = cluster
    this.#topics = topics
    for (const topic of topics) cluster.track(topic)
  }

  /** Asks for the topics again when that is due: always while one is missing. */
  check(now: number): void {
    const known = this.#topics.map(topic => this.#cluster.image.topics.get(topic))
    const isIncomplete = known.some(topic => topic === undefined || topic.error !== undefined)
    if (!isIncomplete && !this.#cluster.isStale) return
    const topics = known.flatMap(topic =>
      topic?.error === undefined ? [] : [{ topic: topic.name, error: topic.error.error }],
    )
    if (topics.length > 0 && now - this.#reportedAt >= REPORT_EVERY_MS) {
      this.#reportedAt = now
      this.#cluster.settings.log.warn('topics to read are not there', { topics })
    }
    this.#cluster.refreshSoon()
  }
}
