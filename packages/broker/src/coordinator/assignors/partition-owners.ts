import { assert } from '../../assert.ts'
import type { Sliced, SliceSteps } from '../slices.ts'
import type { GroupAssignment } from './group-spec.ts'
import type { Pool, Subscriptions } from './subscriptions.ts'

const NOBODY = -1

/** The owner of each partition while an assignment is made. All partitions of all topics are numbered through. */
export class PartitionOwners {
  /** How many partitions each member has, by its index. */
  readonly loads: Int32Array
  readonly #subscriptions: Subscriptions
  /** The number of the first partition of each topic, and behind them the number of all partitions. */
  readonly #bases: Int32Array
  readonly #owners: Int32Array
  /** Who had the partition before. */
  readonly #former: Int32Array

  constructor(subscriptions: Subscriptions) {
    const { partitionCounts, memberIds } = subscriptions
    this.#subscriptions = subscriptions
    this.#bases = new Int32Array(partitionCounts.length + 1)
    for (const [topic, count] of partitionCounts.entries())
      this.#bases[topic + 1] = (this.#bases[topic] ?? 0) + count
    const total = this.#bases[partitionCounts.length] ?? 0
    this.#owners = new Int32Array(total).fill(NOBODY)
    this.#former = new Int32Array(total).fill(NOBODY)
    this.loads = new Int32Array(memberIds.length)
  }

  /** The member that owns the partition; -1 when nobody does. */
  ownerOf(partition: number): number {
    return this.#owners[partition] ?? NOBODY
  }

  /** Whether the owner of the partition had it before, so that taking it away interrupts somebody. */
  isKept(partition: number): boolean {
    return this.#former[partition] === this.#owners[partition]
  }

  give(partition: number, member: number): void {
    const owner = this.ownerOf(partition)
    if (owner !== NOBODY) this.loads[owner] = (this.loads[owner] ?? 0) - 1
    this.#owners[partition] = member
    this.loads[member] = (this.loads[member] ?? 0) + 1
  }

  /** The partitions of the pool, by topic. */
  *partitionsOf(pool: Pool): Generator<number, void, void> {
    for (const topic of pool.topics) {
      const end = this.#bases[topic + 1] ?? 0
      for (let partition = this.#bases[topic] ?? 0; partition < end; partition++) yield partition
    }
  }

  /**
   * Gives all members what they had: the partitions that still exist, of topics to which they are still subscribed.
   * Should two members have had one partition, the first keeps it.
   */
  *keepCurrent(steps: SliceSteps): Sliced<void> {
    const { members, topicIndexes } = this.#subscriptions
    for (const [member, { subscribedTopicIds, currentAssignment }] of members.entries()) {
      for (const [topicId, partitions] of currentAssignment) {
        const topic = topicIndexes.get(topicId)
        if (topic === undefined || !subscribedTopicIds.has(topicId)) continue
        for (const partition of partitions) {
          this.#keep(topic, partition, member)
          if (steps.spend(1)) yield
        }
      }
      if (steps.spend(1)) yield
    }
  }

  #keep(topic: number, partition: number, member: number): void {
    if (partition >= (this.#subscriptions.partitionCounts[topic] ?? 0)) return
    const number = (this.#bases[topic] ?? 0) + partition
    if (this.ownerOf(number) !== NOBODY) return
    this.give(number, member)
    this.#former[number] = member
  }

  /** The numbers of the partitions of each member, by its index. */
  *byMember(steps: SliceSteps): Sliced<readonly (readonly number[])[]> {
    const owned: number[][] = Array.from(this.loads, () => [])
    for (const [partition, owner] of this.#owners.entries()) {
      owned[owner]?.push(partition)
      if (steps.spend(1)) yield
    }
    return owned
  }

  /** What was made of it, for the outside. Every partition of a pool must have its owner by now. */
  *assignment(steps: SliceSteps): Sliced<GroupAssignment> {
    const { memberIds, topicIds, partitionCounts, pools } = this.#subscriptions
    const assigned = memberIds.map(() => new Map<string, number[]>())
    const topics = pools.flatMap(pool => pool.topics).sort((one, other) => one - other)
    for (const topic of topics) {
      const topicId = topicIds[topic] ?? ''
      const base = this.#bases[topic] ?? 0
      for (let partition = 0; partition < (partitionCounts[topic] ?? 0); partition++) {
        const ofOwner = assigned[this.ownerOf(base + partition)]
        assert(ofOwner !== undefined, 'Every partition of a subscribed topic has an owner.')
        const ofTopic = ofOwner.get(topicId)
        if (ofTopic === undefined) ofOwner.set(topicId, [partition])
        else ofTopic.push(partition)
        if (steps.spend(1)) yield
      }
    }
    return new Map(memberIds.map((id, member) => [id, assigned[member] ?? new Map()]))
  }
}
