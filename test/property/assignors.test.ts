import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type {
  Assignor,
  GroupAssignment,
  GroupMember,
} from '../../packages/client/src/group/assignors/assignor.ts'
import { assignorNamed } from '../../packages/client/src/group/assignors/by-name.ts'
import { partitionKey } from '../../packages/client/src/group/assignors/claims.ts'
import { memberOf } from '../support/group-members.ts'

const NAMES = ['range', 'roundrobin', 'sticky', 'cooperative-sticky'] as const
const TOPICS = ['t', 'u', 'v', 'w']

const counts = fc
  .array(fc.integer({ min: 0, max: 9 }), { minLength: 4, maxLength: 4 })
  .map(sizes => new Map(TOPICS.map((topic, index) => [topic, sizes[index] ?? 0])))
const subscriptions = fc.array(fc.subarray(TOPICS, { minLength: 1 }), {
  minLength: 1,
  maxLength: 7,
})
const group = fc.record({ counts, subscriptions })

const members = (topics: readonly (readonly string[])[]): GroupMember[] =>
  topics.map((own, index) => memberOf(`m${index}`, { topics: own }))

/** Members that all read the same need two steps and one in which nothing changes; others may need more. */
const ROUNDS_MAX = 8

/** The members with what an assignment gave them, as they say it when they join again. */
function rejoined(
  assignor: Assignor,
  before: readonly GroupMember[],
  assignment: GroupAssignment,
  generationId: number,
): GroupMember[] {
  return before.map(member => {
    const owned = assignment.get(member.memberId) ?? []
    const isCooperative = assignor.rebalanceProtocol === 'cooperative'
    return {
      ...member,
      ownedPartitions: isCooperative ? owned : [],
      userData: assignor.userData?.(owned, generationId) ?? null,
      generationId,
    }
  })
}

function owners(assignment: GroupAssignment): Map<string, string> {
  const found = new Map<string, string>()
  for (const [memberId, partitions] of assignment) {
    for (const at of partitions) {
      expect(found.has(partitionKey(at)), `${partitionKey(at)} has two owners`).toBe(false)
      found.set(partitionKey(at), memberId)
    }
  }
  return found
}

/** Whether a partition could go, directly or along a chain, from a member to one that has two fewer. */
function canImprove(all: readonly GroupMember[], assignment: GroupAssignment): boolean {
  const load = (memberId: string) => assignment.get(memberId)?.length ?? 0
  return all.some(first => {
    const reached = new Set([first.memberId])
    for (let before = -1; before !== reached.size; ) {
      before = reached.size
      for (const memberId of [...reached]) {
        const topics = new Set(assignment.get(memberId)?.map(({ topic }) => topic))
        for (const other of all)
          if (other.topics.some(topic => topics.has(topic))) reached.add(other.memberId)
      }
    }
    return [...reached].some(memberId => load(memberId) <= load(first.memberId) - 2)
  })
}

describe.each(NAMES)('the assignor %s', name => {
  const assignor = assignorNamed(name)

  it('gives every partition that somebody reads to one of its readers', () => {
    fc.assert(
      fc.property(group, ({ counts: sizes, subscriptions: topics }) => {
        const all = members(topics)
        const assignment = assignor.assign(all, sizes)
        const found = owners(assignment)
        for (const [topic, size] of sizes) {
          const readers = all.filter(member => member.topics.includes(topic))
          for (let partition = 0; partition < size; partition += 1) {
            const owner = found.get(partitionKey({ topic, partition }))
            if (readers.length === 0) expect(owner).toBeUndefined()
            else expect(readers.map(({ memberId }) => memberId)).toContain(owner)
          }
        }
        expect([...assignment.keys()].toSorted()).toEqual(all.map(({ memberId }) => memberId))
      }),
    )
  })

  it('says the same whatever the order of the members', () => {
    fc.assert(
      fc.property(group, ({ counts: sizes, subscriptions: topics }) => {
        const all = members(topics)
        const there = owners(assignor.assign(all, sizes))
        const back = owners(assignor.assign(all.toReversed(), sizes))
        expect(new Map([...back].sort())).toEqual(new Map([...there].sort()))
      }),
    )
  })
})

describe.each(['sticky', 'cooperative-sticky'] as const)('the assignor %s', name => {
  const assignor = assignorNamed(name)

  it('balances as well as can be', () => {
    fc.assert(
      fc.property(group, ({ counts: sizes, subscriptions: topics }) => {
        const all = members(topics)
        expect(canImprove(all, assignor.assign(all, sizes))).toBe(false)
      }),
    )
  })

  it('changes nothing when nothing changed', () => {
    fc.assert(
      fc.property(group, ({ counts: sizes, subscriptions: topics }) => {
        const all = members(topics)
        const first = assignor.assign(all, sizes)
        const second = assignor.assign(rejoined(assignor, all, first, 1), sizes)
        expect(owners(second)).toEqual(owners(first))
      }),
    )
  })

  it('moves no partition from one that stays to another when a member of equals leaves', () => {
    const equals = fc.record({ counts, size: fc.integer({ min: 2, max: 7 }) })
    fc.assert(
      fc.property(equals, ({ counts: sizes, size }) => {
        const all = members(Array.from({ length: size }, () => TOPICS))
        const first = assignor.assign(all, sizes)
        const rest = rejoined(assignor, all, first, 1).slice(1)
        const before = owners(first)
        const gone = all[0]?.memberId
        for (const [key, owner] of owners(assignor.assign(rest, sizes)))
          if (before.get(key) !== gone) expect(owner).toBe(before.get(key))
      }),
    )
  })
})

describe('the assignor cooperative-sticky', () => {
  const assignor = assignorNamed('cooperative-sticky')

  it('gives nobody what another member still owns, and comes to rest', () => {
    const change = fc.record({ counts, before: subscriptions, after: subscriptions })
    fc.assert(
      fc.property(change, ({ counts: sizes, before, after }) => {
        const old = members(before)
        const owned = assignor.assign(old, sizes)
        const joining = members(after).map(member => ({
          ...member,
          ownedPartitions: owned.get(member.memberId) ?? [],
          generationId: owned.has(member.memberId) ? 1 : -1,
        }))
        const holders = new Map(
          joining.flatMap(({ memberId, ownedPartitions }) =>
            ownedPartitions.map(at => [partitionKey(at), memberId] as const),
          ),
        )
        const first = assignor.assign(joining, sizes)
        for (const [key, owner] of owners(first))
          expect(holders.get(key) ?? owner, `${key} still has an owner`).toBe(owner)

        let rounds = 1
        let last = first
        for (; rounds < ROUNDS_MAX; rounds += 1) {
          const next = assignor.assign(rejoined(assignor, joining, last, rounds + 1), sizes)
          const isAtRest = [...owners(next)].every(
            ([key, owner]) => owners(last).get(key) === owner,
          )
          if (isAtRest && owners(next).size === owners(last).size) break
          last = next
        }
        const isAlike = after.every(topics => topics.length === TOPICS.length)
        expect(rounds).toBeLessThan(isAlike ? 4 : ROUNDS_MAX)
        expect(canImprove(joining, last)).toBe(false)
      }),
    )
  })
})
