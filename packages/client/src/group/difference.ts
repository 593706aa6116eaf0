import type { TopicPartition } from '../consumer/topic-partition.ts'
import { partitionKey } from './assignors/claims.ts'

/** What has to go and what comes when the target replaces what is owned. */
export interface Difference<Wanted extends TopicPartition> {
  readonly revoked: readonly TopicPartition[]
  readonly added: readonly Wanted[]
}

export function difference<Wanted extends TopicPartition>(
  owned: readonly TopicPartition[],
  target: readonly Wanted[],
): Difference<Wanted> {
  const ownedKeys = new Set(owned.map(partitionKey))
  const targetKeys = new Set(target.map(partitionKey))
  return {
    revoked: owned.filter(at => !targetKeys.has(partitionKey(at))),
    added: target.filter(at => !ownedKeys.has(partitionKey(at))),
  }
}
