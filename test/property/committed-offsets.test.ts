/**
 * Laws of committed offsets, on random walks of commits, removal, expiry, members, topics and restarts: what lies in the log is the
 * state, at every prefix; a committed offset is the last accepted one in the log (G2); and none is lost that nothing took away (G4).
 */
import { decodeGroupRecord, type ErrorName } from '@varve/protocol'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { GROUP } from '../support/classic-shard.ts'
import { GroupShard, offsetsOf } from '../support/group-shard.ts'
import { imageWith, newTopic, topicIdOf } from '../support/metadata-image.ts'

const RETENTION_MS = 20_000
const GROUPS = [GROUP, 'others']
const PLACES = ['orders-0', 'orders-1', 'orders-2', 'other-0', 'other-1', 'none-0']

const groupId = fc.constantFrom(...GROUPS)
const place = fc.constantFrom(...PLACES)

const step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('commit' as const),
      groupId,
      places: fc.uniqueArray(place, { maxLength: 3 }),
      offset: fc.nat(1_000),
      by: fc.constantFrom('nobody', 'member', 'stranger'),
      retentionTimeMs: fc.constantFrom(-1, -1, -1, 0, 5_000, 60_000),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('delete offsets' as const),
      groupId,
      places: fc.array(place, { maxLength: 3 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('delete group' as const), groupId }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('wait' as const),
      durationMs: fc.constantFrom(1, 900, 4_000, 11_000, 25_000),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('join' as const), groupId }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('leave' as const), groupId }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('topics' as const),
      orders: fc.constantFrom('there', 'gone', 'anew'),
      other: fc.constantFrom('there', 'gone', 'anew'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const) }) },
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

it('state after running is state after reload, and the last accepted commit counts', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), steps => {
      const walk = new Walk()
      for (const one of steps) walk.take(one)
    }),
    { numRuns: 300 },
  )
})

interface Accepted {
  readonly offset: number
  readonly commitMs: number
  /** Infinite when the client did not say. */
  readonly expiresMs: number
}

class Walk {
  readonly #shard = new GroupShard({
    offsetsRetentionMs: RETENTION_MS,
    offsetsRetentionCheckIntervalMs: 1_000,
  })
  readonly #members = new Map<string, { readonly memberId: string; readonly generation: number }>()
  /** What was accepted last, by group and place. */
  readonly #model = new Map<string, Accepted>()
  /** When the last member of a group left. */
  readonly #emptySince = new Map<string, number>()
  #topics = 0

  take(step: Step): void {
    switch (step.do) {
      case 'commit':
        this.#commit(step)
        break
      case 'delete offsets':
        this.#deleteOffsets(step)
        break
      case 'delete group':
        if (this.#shard.deleteGroup(step.groupId) === 'NONE') this.#forget(step.groupId)
        break
      case 'wait':
        this.#shard.advance(step.durationMs)
        break
      case 'join':
        this.#join(step.groupId)
        break
      case 'leave':
        this.#leave(step.groupId)
        break
      case 'topics':
        this.#changeTopics(step)
        break
      case 'restart':
        this.#shard.restart()
        break
    }
    this.#check()
  }

  #commit({ groupId, places, offset, by, retentionTimeMs }: Extract<Step, { do: 'commit' }>): void {
    const who = {
      nobody: {},
      member: this.#members.get(groupId) ?? {},
      stranger: { memberId: 'stranger', generation: 1 },
    }[by]
    const offsets = Object.fromEntries(places.map(one => [one, offset]))
    const answers = this.#shard.commit(offsets, { groupId, retentionTimeMs, ...who })
    for (const [index, answer] of answers.entries()) {
      if (answer !== 'NONE') continue
      expect(by, 'G2: only members commit').not.toBe('stranger')
      const commitMs = this.#shard.nowMs
      const expiresMs =
        retentionTimeMs === -1 ? Number.POSITIVE_INFINITY : commitMs + retentionTimeMs
      this.#model.set(`${groupId}/${places[index]}`, { offset, commitMs, expiresMs })
    }
  }

  #deleteOffsets({ groupId, places }: Extract<Step, { do: 'delete offsets' }>): void {
    const answers = this.#shard.deleteOffsets(places, { groupId })
    if (typeof answers === 'string') return
    for (const [index, answer] of (answers as readonly ErrorName[]).entries())
      if (answer === 'NONE') this.#model.delete(`${groupId}/${places[index]}`)
  }

  #forget(groupId: string): void {
    this.#emptySince.delete(groupId)
    for (const key of this.#model.keys()) if (key.startsWith(`${groupId}/`)) this.#model.delete(key)
  }

  #join(groupId: string): void {
    const known = this.#shard.group(groupId)
    if (known !== undefined && known.state !== 'Empty') return
    const { memberIds, generationId } = this.#shard.stable(1, {
      groupId,
      sessionTimeoutMs: 1_800_000,
    })
    this.#members.set(groupId, { memberId: memberIds[0] ?? '', generation: generationId })
    this.#emptySince.delete(groupId)
  }

  #leave(groupId: string): void {
    const member = this.#members.get(groupId)
    if (member === undefined) return
    this.#shard.leave([member], { groupId })
    this.#emptySince.set(groupId, this.#shard.nowMs)
    this.#members.delete(groupId)
  }

  #changeTopics({ orders, other }: Extract<Step, { do: 'topics' }>): void {
    const changes = Object.entries({ orders, other }).flatMap(([name, fate]) => {
      if (fate === 'gone') return []
      const made = newTopic(name, name === 'orders' ? 3 : 2)
      if (fate === 'there') return made
      this.#topics += 1
      return made.map(change => ({ ...change, topicId: topicIdOf(`${name}${this.#topics}`) }))
    })
    const image = imageWith(...changes)
    for (const [topicId, { name }] of this.#shard.image.topics.byId) {
      if (image.topics.byId.has(topicId)) continue
      for (const key of this.#model.keys()) if (key.includes(`/${name}-`)) this.#model.delete(key)
    }
    this.#shard.changeImage(image)
  }

  #check(): void {
    const shard = this.#shard
    const reloaded = shard.reloaded(shard.records)
    expect(offsetsOf(reloaded)).toEqual(offsetsOf(shard.state))
    expect([...reloaded.groups.keys()].toSorted()).toEqual(settledGroups(shard))
    for (const groupId of GROUPS) {
      const told = shard.committed(groupId)
      for (const [one, offset] of Object.entries(told)) {
        expect(offset, `G2: ${groupId}/${one}`).toBe(this.#model.get(`${groupId}/${one}`)?.offset)
        expect(lastInLog(shard, groupId, one)).toBe(offset)
      }
      this.#checkLosses(groupId, told)
    }
  }

  /** G4: what is not told any more had its time, and nobody read it. */
  #checkLosses(groupId: string, told: Readonly<Record<string, number>>): void {
    const { nowMs } = this.#shard
    for (const [key, { commitMs, expiresMs }] of this.#model) {
      const one = key.slice(groupId.length + 1)
      if (!key.startsWith(`${groupId}/`) || one in told) continue
      const isRead = this.#members.has(groupId) && one.startsWith('orders-')
      const sinceMs = this.#emptySince.get(groupId) ?? commitMs
      const isOver = Number.isFinite(expiresMs)
        ? expiresMs <= nowMs
        : nowMs - sinceMs >= RETENTION_MS
      expect(isOver && !isRead, `G4: ${key} was lost`).toBe(true)
      this.#model.delete(key)
    }
    if (!this.#shard.state.groups.has(groupId)) this.#emptySince.delete(groupId)
  }
}

function settledGroups(shard: GroupShard): readonly string[] {
  return [...shard.state.groups.values()]
    .filter(group => group.kind !== 'classic' || group.settled !== null)
    .map(({ groupId }) => groupId)
    .toSorted()
}

function* commitsOf(shard: GroupShard, groupId: string, one: string) {
  for (const { key, value } of shard.records) {
    const record = decodeGroupRecord(key, value)
    if (record.type !== 'OffsetCommit' || record.key.group !== groupId) continue
    if (`${record.key.topic}-${record.key.partition}` === one) yield record.value
  }
}

function lastInLog(shard: GroupShard, groupId: string, one: string): number | undefined {
  return [...commitsOf(shard, groupId, one)].at(-1)?.offset
}
