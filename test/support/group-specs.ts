/** Groups for the assignors of KIP-848, and what is said about their assignments. */
import fc from 'fast-check'
import type {
  GroupAssignment,
  GroupSpec,
  MemberSpec,
} from '../../packages/broker/src/coordinator/assignors/group-spec.ts'

/** A dynamic member that reads the topics; what is not said is nothing. */
export function member(topics: readonly string[], more: Partial<MemberSpec> = {}): MemberSpec {
  return {
    subscribedTopicIds: new Set(topics),
    instanceId: null,
    rackId: null,
    currentAssignment: new Map(),
    ...more,
  }
}

/** A group by member ids, and the partitions of its topics by topic id. */
export function group(
  members: Readonly<Record<string, MemberSpec>>,
  partitions: Readonly<Record<string, number>>,
): GroupSpec {
  return {
    members: new Map(Object.entries(members)),
    topics: new Map(Object.entries(partitions).map(([id, count]) => [id, { partitions: count }])),
  }
}

/** The assignment as plain objects, to be read in a test. */
export function plain(assignment: GroupAssignment): unknown {
  return Object.fromEntries([...assignment].map(([id, topics]) => [id, Object.fromEntries(topics)]))
}

/** The group with `assignment` as what its members have. Who is not in it has nothing. */
export function holding(spec: GroupSpec, assignment: GroupAssignment): GroupSpec {
  const members = [...spec.members].map(
    ([id, one]) => [id, { ...one, currentAssignment: assignment.get(id) ?? new Map() }] as const,
  )
  return { ...spec, members: new Map(members) }
}

/** How many partitions each member has. */
export function loads(assignment: GroupAssignment): ReadonlyMap<string, number> {
  return new Map([...assignment].map(([id, topics]) => [id, [...topics.values()].flat().length]))
}

/** Who has each partition, by `topic/partition`; all of them, should several have one. */
export function ownersByPartition(
  assignment: GroupAssignment,
): ReadonlyMap<string, readonly string[]> {
  const owners = new Map<string, string[]>()
  for (const [id, topics] of assignment)
    for (const [topic, partitions] of topics)
      for (const partition of partitions) {
        const key = `${topic}/${String(partition)}`
        owners.set(key, [...(owners.get(key) ?? []), id])
      }
  return owners
}

/** The partitions that must have an owner, by `topic/partition`: those with a subscriber. */
export function partitionsRead(spec: GroupSpec): readonly string[] {
  return [...spec.topics].flatMap(([topic, { partitions }]) =>
    [...spec.members.values()].some(one => one.subscribedTopicIds.has(topic))
      ? Array.from({ length: partitions }, (_, partition) => `${topic}/${String(partition)}`)
      : [],
  )
}

const topicIds = ['t0', 't1', 't2', 't3', 't4', 't5']

const partitionCounts = fc
  .array(fc.integer({ min: 0, max: 13 }), { minLength: 6, maxLength: 6 })
  .map(counts => Object.fromEntries(counts.map((count, index) => [`t${String(index)}`, count])))

/** What members may believe to have: with partitions that are gone or that others have too. */
const anyAssignment = fc
  .array(
    fc.tuple(
      fc.constantFrom(...topicIds, 'gone'),
      fc.uniqueArray(fc.integer({ min: 0, max: 15 }), { maxLength: 8 }),
    ),
    { maxLength: 4 },
  )
  .map(entries => new Map(entries))

const memberIds = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 4 }), {
  minLength: 1,
  maxLength: 9,
})

/** Groups in which all members read the same topics. */
export const uniformGroups: fc.Arbitrary<GroupSpec> = fc
  .tuple(memberIds, partitionCounts, fc.subarray(topicIds, { minLength: 1 }))
  .map(([ids, counts, topics]) => group(membersOf(ids.map(id => [id, member(topics)])), counts))

/** Groups in which members read different topics, some of them unknown, and hold anything. */
export const mixedGroups: fc.Arbitrary<GroupSpec> = memberIds.chain(ids =>
  fc
    .tuple(
      partitionCounts,
      fc.array(
        fc.record({
          topics: fc.subarray([...topicIds, 'unknown']),
          currentAssignment: anyAssignment,
          instanceId: fc.option(fc.string({ minLength: 1, maxLength: 3 })),
        }),
        { minLength: ids.length, maxLength: ids.length },
      ),
    )
    .map(([counts, members]) =>
      group(
        membersOf(
          members.map(({ topics, ...more }, index) => [ids[index] ?? '', member(topics, more)]),
        ),
        counts,
      ),
    ),
)

function membersOf(
  entries: readonly (readonly [string, MemberSpec])[],
): Record<string, MemberSpec> {
  return Object.fromEntries(entries)
}
