import type { Admin, TopicPartition } from '@varve/client'
import { CommandError, UsageError } from './command-error.ts'

/** A topic, or some of its partitions. */
export interface TopicScope {
  readonly topic: string
  /** Undefined: all of them. */
  readonly partitions: readonly number[] | undefined
}

/** Reads `--topic`: `orders`, or `orders:0,1,2`. */
export function topicScope(text: string): TopicScope {
  const [topic = '', list, ...rest] = text.split(':')
  const parts = list?.split(',').map(part => part.trim())
  const isRight = topic !== '' && rest.length === 0 && (parts?.every(isNumber) ?? true)
  if (!isRight) {
    throw new UsageError(
      `--topic is ${JSON.stringify(text)}; expected a topic, or a topic and partitions as in orders:0,1,2`,
    )
  }
  return { topic, partitions: parts?.map(Number) }
}

function isNumber(text: string): boolean {
  return /^\d{1,9}$/.test(text)
}

/** The partitions of scopes, each once, in order. Throws a `CommandError` for a topic or partition that does not exist. */
export async function partitionsOf(
  admin: Admin,
  scopes: readonly TopicScope[],
): Promise<readonly TopicPartition[]> {
  const described = await admin.describeTopics([...new Set(scopes.map(({ topic }) => topic))])
  const wanted = new Map<string, TopicPartition>()
  for (const { topic, partitions } of scopes) {
    const found = described.find(({ name }) => name === topic)
    if (found?.error !== undefined) throw found.error
    const known = found?.partitions.map(({ partition }) => partition) ?? []
    for (const partition of partitions ?? known) {
      if (!known.includes(partition)) {
        throw new CommandError(
          `Topic ${topic} has no partition ${partition}; they are 0 to ${known.length - 1}`,
        )
      }
      wanted.set(`${topic}-${partition}`, { topic, partition })
    }
  }
  return [...wanted.values()].sort(byPlace)
}

/** By topic, then by partition. */
export function byPlace(a: TopicPartition, b: TopicPartition): number {
  if (a.topic !== b.topic) return a.topic < b.topic ? -1 : 1
  return a.partition - b.partition
}
