import { type Sliced, SliceSteps } from '../slices.ts'
import type { GroupAssignment, GroupSpec } from './group-spec.ts'
import { type Pool, type Subscriptions, subscriptionsOf } from './subscriptions.ts'

/**
 * The `range` assignor: of each topic, each subscribed member gets a contiguous range, in the order of the members, and
 * the first ones get one partition more when they do not come out even. So topics with as many partitions and the same
 * subscribers are cut at the same places, and a member reads the same partition numbers of all of them.
 *
 * It does not look at the current assignment: what is sticky about it is the order. Static members come first, by
 * instance id, so that one that restarts under another member id gets its ranges again; the others follow by member id.
 */
export function* assignRange(spec: GroupSpec): Sliced<GroupAssignment> {
  const steps = new SliceSteps()
  const subscriptions = yield* subscriptionsOf(spec, membersInRangeOrder(spec), steps)
  const assignment = subscriptions.memberIds.map(() => new Map<number, readonly number[]>())
  for (const pool of subscriptions.pools) yield* cut(pool, subscriptions, { assignment, steps })
  return yield* named(assignment, subscriptions, steps)
}

function membersInRangeOrder(spec: GroupSpec): readonly string[] {
  const instances: [string, string][] = []
  const dynamic: string[] = []
  for (const [id, { instanceId }] of spec.members) {
    if (instanceId === null) dynamic.push(id)
    else instances.push([instanceId, id])
  }
  const statics = instances.sort(([one, oneId], [other, otherId]) =>
    one === other ? byCodeUnits(oneId, otherId) : byCodeUnits(one, other),
  )
  return [...statics.map(([, id]) => id), ...dynamic.sort(byCodeUnits)]
}

function byCodeUnits(one: string, other: string): number {
  if (one === other) return 0
  return one < other ? -1 : 1
}

interface Cutting {
  /** The ranges of each member by topic index. */
  readonly assignment: readonly Map<number, readonly number[]>[]
  readonly steps: SliceSteps
}

function* cut(pool: Pool, subscriptions: Subscriptions, cutting: Cutting): Sliced<void> {
  const { topics, subscribers } = pool
  for (const topic of topics) {
    const partitions = subscriptions.partitionCounts[topic] ?? 0
    const quota = Math.floor(partitions / subscribers.length)
    const extra = partitions % subscribers.length
    let start = 0
    for (let at = 0; at < subscribers.length && start < partitions; at++) {
      const first = start
      const length = at < extra ? quota + 1 : quota
      const range = Array.from({ length }, (_, index) => first + index)
      cutting.assignment[subscribers[at] ?? 0]?.set(topic, range)
      start += length
      if (cutting.steps.spend(length)) yield
    }
  }
}

function* named(
  assignment: readonly ReadonlyMap<number, readonly number[]>[],
  subscriptions: Subscriptions,
  steps: SliceSteps,
): Sliced<GroupAssignment> {
  const result = new Map<string, ReadonlyMap<string, readonly number[]>>()
  for (const [index, ranges] of assignment.entries()) {
    const ascending = [...ranges].sort(([one], [other]) => one - other)
    if (steps.spend(ascending.length)) yield
    result.set(
      subscriptions.memberIds[index] ?? '',
      new Map(ascending.map(([topic, range]) => [subscriptions.topicIds[topic] ?? '', range])),
    )
  }
  return result
}
