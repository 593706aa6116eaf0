import type { LogSettings } from '../log/log-settings.ts'
import type { TopicImage } from '../metadata/image.ts'
import type { Assignment } from './assignment.ts'

/** The partitions whose logs a start after a clean stop has left closed: nobody has asked for them yet. */
export class UnopenedLogs {
  readonly #byTopicId = new Map<string, Map<number, Assignment>>()
  #count = 0

  get count(): number {
    return this.#count
  }

  /** Adds a partition, or puts what it is now in the place of what it was. */
  set(assignment: Assignment): void {
    const { topicId, partition } = assignment.identity
    const known = this.#byTopicId.get(topicId)
    if (known?.has(partition) !== true) this.#count++
    if (known === undefined) this.#byTopicId.set(topicId, new Map([[partition, assignment]]))
    else known.set(partition, assignment)
  }

  has({ topicId, partition }: { readonly topicId: string; readonly partition: number }): boolean {
    return this.#byTopicId.get(topicId)?.has(partition) === true
  }

  /** Takes the partition out, for it is opened, or deleted. */
  take(topicId: string, partition: number): Assignment | undefined {
    const ofTopic = this.#byTopicId.get(topicId)
    const assignment = ofTopic?.get(partition)
    if (ofTopic === undefined || assignment === undefined) return undefined
    this.#count--
    ofTopic.delete(partition)
    if (ofTopic.size === 0) this.#byTopicId.delete(topicId)
    return assignment
  }

  /** Those of one topic; the list is the caller's. */
  ofTopic(topicId: string): readonly Assignment[] {
    return [...(this.#byTopicId.get(topicId)?.values() ?? [])]
  }

  *all(): Generator<Assignment, void, void> {
    for (const ofTopic of this.#byTopicId.values()) yield* ofTopic.values()
  }

  /** They will be opened with these settings. A topic of which `settingsOf` knows nothing keeps what it had. */
  configure(settingsOf: (topic: TopicImage) => LogSettings | undefined): void {
    for (const ofTopic of this.#byTopicId.values()) {
      let settings: LogSettings | undefined
      for (const [partition, assignment] of ofTopic) {
        settings ??= settingsOf(assignment.topic)
        if (settings === undefined) break
        ofTopic.set(partition, { ...assignment, settings })
      }
    }
  }
}
