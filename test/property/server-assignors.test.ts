import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { assignors } from '../../packages/broker/src/coordinator/assignors/assignor.ts'
import type {
  GroupAssignment,
  GroupSpec,
} from '../../packages/broker/src/coordinator/assignors/group-spec.ts'
import { assignRange } from '../../packages/broker/src/coordinator/assignors/range.ts'
import { assignUniform } from '../../packages/broker/src/coordinator/assignors/uniform.ts'
import { runToEnd } from '../../packages/broker/src/coordinator/slices.ts'
import {
  group,
  holding,
  loads,
  member,
  mixedGroups,
  ownersByPartition,
  partitionsRead,
  uniformGroups,
} from '../support/group-specs.ts'

const anyGroup = fc.oneof(uniformGroups, mixedGroups)
const uniform = (spec: GroupSpec) => runToEnd(assignUniform(spec))

/** How many partitions stay where they are. */
function kept(spec: GroupSpec, assignment: GroupAssignment): number {
  const former = new Map([...spec.members].map(([id, one]) => [id, one.currentAssignment]))
  let count = 0
  for (const [id, topics] of assignment)
    for (const [topic, partitions] of topics) {
      const had = new Set(former.get(id)?.get(topic))
      count += partitions.filter(partition => had.has(partition)).length
    }
  return count
}

/** For each of some partitions the number of who has it; of topics and with numbers that may not exist. */
const ownerships = fc.array(
  fc.tuple(fc.nat({ max: 6 }), fc.nat({ max: 15 }), fc.nat({ max: 12 })),
  {
    maxLength: 80,
  },
)

/** The group holding them, each partition at one member at most. */
function holdingAny([spec, ownership]: readonly [
  GroupSpec,
  readonly (readonly [number, number, number])[],
]): GroupSpec {
  const ids = [...spec.members.keys()]
  const assignment = new Map(ids.map(id => [id, new Map<string, number[]>()]))
  const owners = new Map(
    ownership.map(([topic, partition, owner]) => [`t${String(topic)}/${String(partition)}`, owner]),
  )
  for (const [key, owner] of owners) {
    const [topic = '', partition] = key.split('/')
    const topics = assignment.get(ids[owner % (ids.length + 1)] ?? '')
    topics?.set(topic, [...(topics.get(topic) ?? []), Number(partition)])
  }
  return holding(spec, assignment)
}

/**
 * The most that can stay in a group of one subscription, when as many members as do not come out even may have one
 * partition more than the others.
 */
function mostThatCanStay(spec: GroupSpec): number {
  const partitions = new Set(partitionsRead(spec))
  const quota = Math.floor(partitions.size / spec.members.size)
  const had = [...spec.members.values()].map(one => {
    const own = [...one.currentAssignment].flatMap(([topic, numbers]) =>
      [...numbers].map(partition => `${topic}/${String(partition)}`),
    )
    return own.filter(partition => partitions.has(partition)).length
  })
  const above = had.filter(count => count > quota).length
  const base = had.reduce((sum, count) => sum + Math.min(count, quota), 0)
  return base + Math.min(above, partitions.size % spec.members.size)
}

/** The group with its members and topics listed the other way round. */
const reversed = ({ members, topics }: GroupSpec): GroupSpec => ({
  members: new Map([...members].toReversed()),
  topics: new Map([...topics].toReversed()),
})

describe.each([...assignors])('the %s assignor', (_, assign) => {
  it('gives each partition that somebody reads to exactly one member, which reads its topic', () => {
    fc.assert(
      fc.property(anyGroup, spec => {
        const assignment = runToEnd(assign(spec))
        expect([...assignment.keys()].sort()).toEqual([...spec.members.keys()].sort())
        const owners = ownersByPartition(assignment)
        expect([...owners.keys()].sort()).toEqual([...partitionsRead(spec)].sort())
        for (const [partition, ids] of owners) {
          expect(ids).toHaveLength(1)
          const topic = partition.slice(0, partition.indexOf('/'))
          expect(spec.members.get(ids[0] ?? '')?.subscribedTopicIds.has(topic)).toBe(true)
        }
      }),
    )
  })

  it('gives the same in whatever order members and topics are listed', () => {
    fc.assert(
      fc.property(anyGroup, spec => {
        expect(runToEnd(assign(reversed(spec)))).toEqual(runToEnd(assign(spec)))
      }),
    )
  })

  it('gives nothing that it does not list in ascending order', () => {
    fc.assert(
      fc.property(anyGroup, spec => {
        for (const topics of runToEnd(assign(spec)).values()) {
          expect([...topics.keys()]).toEqual([...topics.keys()].sort())
          for (const partitions of topics.values()) {
            expect(partitions.length).toBeGreaterThan(0)
            expect(partitions).toEqual(partitions.toSorted((one, other) => one - other))
          }
        }
      }),
    )
  })
})

describe('the uniform assignor', () => {
  it('leaves no partition with a member that has two more than another subscriber', () => {
    fc.assert(
      fc.property(anyGroup, spec => {
        const assignment = uniform(spec)
        const sizes = loads(assignment)
        for (const [id, topics] of assignment)
          for (const topic of topics.keys())
            for (const [otherId, other] of spec.members)
              if (other.subscribedTopicIds.has(topic))
                expect(sizes.get(id)).toBeLessThanOrEqual((sizes.get(otherId) ?? 0) + 1)
      }),
    )
  })

  it('moves as little as balance allows in a group of one subscription', () => {
    fc.assert(
      fc.property(fc.tuple(uniformGroups, ownerships).map(holdingAny), spec => {
        expect(kept(spec, uniform(spec))).toBe(mostThatCanStay(spec))
      }),
    )
  })

  it('moves only what members that join and leave make necessary', () => {
    fc.assert(
      fc.property(uniformGroups, fc.nat(), fc.nat({ max: 3 }), (spec, leaving, joining) => {
        const before = uniform(spec)
        const first = [...spec.members.values()][0] ?? member([])
        const ids = [...spec.members.keys()]
        const left = ids[leaving % ids.length] ?? ''
        const members = [...spec.members].filter(([id]) => id !== left || joining === 0)
        const joined = Array.from(
          { length: joining },
          (_, index) => [`joined ${String(index)}`, first] as const,
        )
        const next = holding({ ...spec, members: new Map([...members, ...joined]) }, before)
        expect(kept(next, uniform(next))).toBe(mostThatCanStay(next))
      }),
    )
  })

  it('moves nothing when nothing changed', () => {
    fc.assert(
      fc.property(anyGroup, spec => {
        const assignment = uniform(spec)
        expect(uniform(holding(spec, assignment))).toEqual(assignment)
      }),
    )
  })
})

describe('the range assignor', () => {
  it('cuts each topic into contiguous ranges in one order of the members, the larger ones first', () => {
    fc.assert(
      fc.property(anyGroup, spec => {
        const assignment = runToEnd(assignRange(spec))
        const order = [...assignment.keys()]
        for (const [topic, { partitions }] of spec.topics) {
          const readers = order.filter(id => spec.members.get(id)?.subscribedTopicIds.has(topic))
          if (readers.length === 0) continue
          const ranges = readers.map(id => assignment.get(id)?.get(topic) ?? [])
          expect(ranges.flat()).toEqual(Array.from({ length: partitions }, (_, index) => index))
          const lengths = ranges.map(range => range.length)
          expect(lengths).toEqual(lengths.toSorted((one, other) => other - one))
          expect((lengths[0] ?? 0) - (lengths.at(-1) ?? 0)).toBeLessThanOrEqual(1)
        }
      }),
    )
  })

  it('orders static members by instance id, before the others by member id', () => {
    fc.assert(
      fc.property(mixedGroups, spec => {
        const keys = [...runToEnd(assignRange(spec)).keys()].map(id => {
          const instanceId = spec.members.get(id)?.instanceId ?? null
          return instanceId === null ? `1${id}` : `0${instanceId}`
        })
        expect(keys).toEqual(keys.toSorted())
      }),
    )
  })

  it('gives members of one subscription the same numbers of topics with as many partitions', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 9 }),
        (count, size) => {
          const both = member(['x', 'y'])
          const members = Array.from({ length: size }, (_, index) => [`m${String(index)}`, both])
          const spec = group(Object.fromEntries(members), { x: count, y: count })
          for (const topics of runToEnd(assignRange(spec)).values())
            expect(topics.get('x')).toEqual(topics.get('y'))
        },
      ),
    )
  })
})
