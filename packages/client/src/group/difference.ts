import type { TopicPartition } from '../consumer/topic-partition.ts'
import { partitionKey } from './assignors/claims.ts'

/** What has to go and what comes when the target replaces what is owned. */
export interface Difference {
  readonly revoked: readonly TopicPartition[]
  readonly added: readonly TopicPartition[]
}

export function difference(
  owned: readonly TopicPartition[],
  target: readonly TopicPartition[],
): Difference {
  const ownedKeys = new Set(owned.map(partitionKey))
  const targetKeys = new Set(target.map(partitionKey))
  return {
    revoked: owned.filter(at => !targetKeys.has(partitionKey(at))),
    added: target.filter(at => !ownedKeys.has(partitionKey(at))),
  }
}
