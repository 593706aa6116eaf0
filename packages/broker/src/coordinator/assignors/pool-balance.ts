/** Handing out the partitions of one pool evenly: the free ones first, then as few of the others as it takes. */

import type { Sliced, SliceSteps } from '../slices.ts'
import { LoadLevels } from './load-levels.ts'
import type { PartitionOwners } from './partition-owners.ts'
import type { Pool } from './subscriptions.ts'

/** An assignment on its way to balance. */
export interface Balance {
  readonly owners: PartitionOwners
  readonly steps: SliceSteps
}

/** Gives each partition that nobody has to the subscriber with the fewest, in turn where several have as few. */
export function* fillPool(pool: Pool, { owners, steps }: Balance): Sliced<void> {
  let receivers: LoadLevels | undefined
  for (const partition of owners.partitionsOf(pool)) {
    if (steps.spend(1)) yield
    if (owners.ownerOf(partition) >= 0) continue
    receivers ??= new LoadLevels(pool.subscribers, owners.loads, 'least')
    const receiver = receivers.take()
    owners.give(partition, receiver)
    receivers.putBack(receiver)
  }
}

/** Levels the pool between its subscribers, and says how many partitions changed hands. */
export function* levelPool(pool: Pool, balance: Balance): Sliced<number> {
  const { owners, steps } = balance
  if (steps.spend(pool.subscribers.length)) yield
  let fewest = Infinity
  let most = 0
  for (const member of pool.subscribers) {
    const load = owners.loads[member] ?? 0
    fewest = Math.min(fewest, load)
    most = Math.max(most, load)
  }
  if (most - fewest < 2) return 0
  return yield* levelPartitions(owners.partitionsOf(pool), pool.subscribers, balance)
}

/**
 * Moves partitions from the members with the most to the subscribers with the fewest, until those who could still give
 * one have at most one more. `partitions` are owned by subscribers.
 */
export function* levelPartitions(
  partitions: Iterable<number>,
  subscribers: readonly number[],
  { owners, steps }: Balance,
): Sliced<number> {
  if (steps.spend(subscribers.length)) yield
  const gifts = yield* giftsOf(partitions, { owners, steps })
  const givers = new LoadLevels([...gifts.keys()].sort(ascending), owners.loads, 'most')
  const receivers = new LoadLevels(subscribers, owners.loads, 'least')
  let moves = 0
  while ((givers.nextLoad() ?? 0) - (receivers.nextLoad() ?? 0) >= 2) {
    const giver = givers.take()
    const gift = gifts.get(giver)?.take(moves)
    if (gift === undefined) continue
    // Who gives has at least two more than who gets, and none of them comes into the other's reach before the end.
    const receiver = receivers.take()
    owners.give(gift, receiver)
    givers.putBack(giver)
    receivers.putBack(receiver)
    moves += 1
    if (steps.spend(1)) yield
  }
  return moves
}

function ascending(one: number, other: number): number {
  return one - other
}

/** What one member can give, and in which order. */
class Gifts {
  readonly kept: number[] = []
  /** Partitions that the member did not have before: giving them away interrupts nobody. */
  readonly fresh: number[] = []

  /** Takes one out; `turn` makes members give from different topics. */
  take(turn: number): number | undefined {
    const fresh = this.fresh.pop()
    if (fresh !== undefined) return fresh
    const at = turn % this.kept.length
    const gift = this.kept[at]
    const last = this.kept.pop()
    if (at < this.kept.length && last !== undefined) this.kept[at] = last
    return gift
  }
}

function* giftsOf(
  partitions: Iterable<number>,
  { owners, steps }: Balance,
): Sliced<ReadonlyMap<number, Gifts>> {
  const gifts = new Map<number, Gifts>()
  for (const partition of partitions) {
    if (steps.spend(1)) yield
    const owner = owners.ownerOf(partition)
    const ofOwner = gifts.get(owner) ?? new Gifts()
    gifts.set(owner, ofOwner)
    if (owners.isKept(partition)) ofOwner.kept.push(partition)
    else ofOwner.fresh.push(partition)
  }
  return gifts
}
