import { type Sliced, SliceSteps } from '../slices.ts'
import type { GroupAssignment, GroupSpec } from './group-spec.ts'
import { PartitionOwners } from './partition-owners.ts'
import { type Balance, fillPool, levelPartitions, levelPool } from './pool-balance.ts'
import { type Pool, type Subscriptions, subscriptionsOf } from './subscriptions.ts'

/**
 * How often the pools are levelled one after the other. Where members share some topics and not others, levelling one
 * pool may tilt the next; each round about halves what is left, and as in Kafka it is not worth more than this.
 */
const ROUNDS_MAX = 16

/**
 * The `uniform` assignor, the default. In the order of weight:
 * 1. Members with the same subscription get the same number of partitions, give or take one. Beyond that no partition
 *    sits with a member that has two more than another subscriber of its topic, unless that is still so after
 *    {@link ROUNDS_MAX} rounds.
 * 2. Members keep what they have. In a group of one subscription no assignment that is as balanced moves less.
 * 3. The partitions of a topic are spread over its subscribers.
 *
 * The same group gets the same assignment, in whatever order its members and topics are listed.
 */
export function* assignUniform(spec: GroupSpec): Sliced<GroupAssignment> {
  const steps = new SliceSteps()
  const subscriptions = yield* subscriptionsOf(spec, [...spec.members.keys()].sort(), steps)
  const owners = new PartitionOwners(subscriptions)
  const balance = { owners, steps }
  yield* owners.keepCurrent(steps)
  const pools = heaviestFirst(subscriptions)
  for (const pool of pools) yield* fillPool(pool, balance)
  if (!(yield* levelPools(pools, balance))) yield* levelClasses(subscriptions, balance)
  return yield* owners.assignment(steps)
}

/** The pools that weigh most on each of their subscribers come first: the others make up for what these leave uneven. */
function heaviestFirst({ pools, partitionCounts }: Subscriptions): readonly Pool[] {
  const weighed = pools.map(pool => {
    const partitions = pool.topics.reduce((sum, topic) => sum + (partitionCounts[topic] ?? 0), 0)
    return { pool, weight: partitions / pool.subscribers.length }
  })
  const sorted = weighed.sort(
    (one, other) =>
      other.weight - one.weight ||
      one.pool.subscribers.length - other.pool.subscribers.length ||
      (one.pool.topics[0] ?? 0) - (other.pool.topics[0] ?? 0),
  )
  return sorted.map(({ pool }) => pool)
}

/** True when no pool can be levelled further. */
function* levelPools(pools: readonly Pool[], balance: Balance): Sliced<boolean> {
  let settled = 0
  for (let round = 0; round < ROUNDS_MAX; round++) {
    for (const pool of pools) {
      settled = (yield* levelPool(pool, balance)) === 0 ? settled + 1 : 0
      if (settled === pools.length) return true
    }
  }
  return pools.length === 0
}

/** Makes good the first promise where the rounds were not enough: within one subscription any partition may move. */
function* levelClasses(subscriptions: Subscriptions, balance: Balance): Sliced<void> {
  const owned = yield* balance.owners.byMember(balance.steps)
  for (const members of subscriptions.classes) {
    const partitions = members.flatMap(member => owned[member] ?? [])
    yield* levelPartitions(partitions, members, balance)
  }
}
