import { Fetch, type RequestInput, ZERO_UUID } from '@varve/protocol'

/** What is asked of one partition in a fetch. */
export interface FetchItem {
  readonly topic: string
  readonly topicId: string
  readonly partition: number
  readonly fetchOffset: number
  readonly currentLeaderEpoch: number
  readonly partitionMaxBytes: number
}

type FetchInput = RequestInput<typeof Fetch>

/** The part of a fetch request that the session decides. */
export interface SessionPart
  extends Pick<FetchInput, 'topics' | 'forgottenTopicsData' | 'sessionId' | 'sessionEpoch'> {
  /** The newest version in which all partitions can be named. */
  readonly newestVersion: number
}

/** KIP-516: from this version on topics are named by id. */
const FIRST_VERSION_BY_ID = 13
const EPOCH_MAX = 0x7fff_ffff

/**
 * The client's side of an incremental fetch session with one broker (KIP-227): the broker remembers what was asked for, and a
 * request says only what changed. It begins with a full request (epoch 0); anything unexpected begins it anew.
 */
export class FetchSession {
  #sessionId = 0
  #epoch = 0
  #known = new Map<string, FetchItem>()
  #isById = false

  /** What to send so that the broker reads exactly these partitions. */
  next(items: readonly FetchItem[]): SessionPart {
    const isById = items.every(({ topicId }) => topicId !== ZERO_UUID)
    // A session cannot go from names to ids or back.
    if (isById !== this.#isById) this.reset()
    this.#isById = isById
    const newestVersion = isById ? Fetch.versions[1] : FIRST_VERSION_BY_ID - 1
    const wanted = new Map(items.map(item => [itemKey(item), item]))
    const isFull = this.#epoch === 0
    const changed = isFull ? items : items.filter(item => this.#isNews(item))
    const forgotten = isFull
      ? []
      : [...this.#known].filter(([key]) => !wanted.has(key)).map(([, item]) => item)
    this.#known = wanted
    return {
      sessionId: this.#sessionId,
      sessionEpoch: this.#epoch,
      topics: byTopic(changed).map(([topic, partitions]) => ({
        topic,
        topicId: partitions[0]?.topicId ?? ZERO_UUID,
        partitions: [...partitions],
      })),
      forgottenTopicsData: byTopic(forgotten).map(([topic, partitions]) => ({
        topic,
        topicId: partitions[0]?.topicId ?? ZERO_UUID,
        partitions: partitions.map(({ partition }) => partition),
      })),
      newestVersion,
    }
  }

  /** Takes the session id of a good answer: 0 when the broker does not keep a session. */
  answered(sessionId: number): void {
    if (sessionId === 0) {
      this.#sessionId = 0
      this.#epoch = 0
      return
    }
    this.#epoch = this.#sessionId === sessionId && this.#epoch < EPOCH_MAX ? this.#epoch + 1 : 1
    this.#sessionId = sessionId
  }

  /** Begins anew: the next request is a full one, which also ends the old session at the broker. */
  reset(): void {
    this.#epoch = 0
    this.#known = new Map()
  }

  #isNews(item: FetchItem): boolean {
    const known = this.#known.get(itemKey(item))
    return (
      known === undefined ||
      known.topicId !== item.topicId ||
      known.fetchOffset !== item.fetchOffset ||
      known.currentLeaderEpoch !== item.currentLeaderEpoch ||
      known.partitionMaxBytes !== item.partitionMaxBytes
    )
  }
}

function itemKey({ topic, topicId, partition }: FetchItem): string {
  return `${partition} ${topicId} ${topic}`
}

function byTopic(
  items: readonly FetchItem[],
): readonly (readonly [string, readonly FetchItem[]])[] {
  const topics = new Map<string, FetchItem[]>()
  for (const item of items) {
    const known = topics.get(item.topic)
    if (known === undefined) topics.set(item.topic, [item])
    else known.push(item)
  }
  return [...topics]
}
