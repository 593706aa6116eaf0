import type { Varve } from '@varve/client'
import { decodeAssignment, decodeGroupRecord, type GroupRecord } from '@varve/protocol'

/** What `__consumer_offsets` says of a group, and what is wrong with it. */
export interface LogVerdict {
  readonly faults: readonly string[]
  /** The generations of a classic group, or the epochs in which members of a consumer group were, that were looked at. */
  readonly epochs: number
  readonly commits: number
}

/** All records of a group, in the order of the coordinator's log. */
export async function groupRecordsOf(varve: Varve, groupId: string): Promise<GroupRecord[]> {
  await using admin = varve.admin()
  const [topic] = await admin.describeTopics(['__consumer_offsets'])
  const partitions = topic?.partitions ?? []
  await using consumer = varve.consumer({
    assignments: partitions.map(({ partition }) => ({
      topic: '__consumer_offsets',
      partition,
      offset: 'earliest' as const,
    })),
    stopAtEnd: true,
  })
  const records: GroupRecord[] = []
  for await (const { key, value } of consumer) {
    if (key === null) continue
    const record = decodeGroupRecord(key, value)
    if (record.type === 'unknown') continue
    const { key: named } = record
    if (('group' in named ? named.group : named.groupId) === groupId) records.push(record)
  }
  return records
}

/**
 * G1 and G2 by the coordinator's own log: in no generation, and at no time between members' epochs, has a partition two
 * owners (one that still has to give it up counts); no committed offset goes back.
 */
export function verdictOf(records: readonly GroupRecord[]): LogVerdict {
  const reader = new LogReader()
  for (const record of records) {
    if (record.type === 'GroupMetadata') reader.takeGeneration(record)
    if (record.type === 'ConsumerGroupCurrentMemberAssignment') reader.takeAssignment(record)
    if (record.type === 'OffsetCommit') reader.takeCommit(record)
  }
  const { faults, epochs, commits } = reader
  return { faults: faults.slice(0, 10), epochs: epochs.size, commits }
}

type RecordOf<T extends GroupRecord['type']> = Extract<GroupRecord, { readonly type: T }>

class LogReader {
  readonly faults: string[] = []
  readonly epochs = new Set<string>()
  commits = 0
  readonly #held = new Map<string, readonly string[]>()
  readonly #committed = new Map<string, number>()

  takeGeneration({ value }: RecordOf<'GroupMetadata'>): void {
    if (value === null) return
    this.epochs.add(`${value.generation}`)
    this.faults.push(...twice(`generation ${value.generation}`, ownersInGeneration(value.members)))
  }

  takeAssignment({ key, value }: RecordOf<'ConsumerGroupCurrentMemberAssignment'>): void {
    const { memberId } = key
    this.#held.delete(memberId)
    if (value === null) return
    const { memberEpoch, assignedPartitions, partitionsPendingRevocation } = value
    this.epochs.add(`${memberId} ${memberEpoch}`)
    const held = [...assignedPartitions, ...partitionsPendingRevocation].flatMap(
      ({ topicId, partitions }) => partitions.map(each => `${topicId}-${each}`),
    )
    this.#held.set(memberId, held)
    this.faults.push(...twice(`member epoch ${memberEpoch} of ${memberId}`, [...this.#held]))
  }

  takeCommit({ key, value }: RecordOf<'OffsetCommit'>): void {
    if (value === null) return
    this.commits += 1
    const partition = `${key.topic}-${key.partition}`
    const { offset } = value
    const before = this.#committed.get(partition) ?? 0
    if (offset < before)
      this.faults.push(`G2: the commit of ${partition} went from ${before} back to ${offset}`)
    this.#committed.set(partition, offset)
  }
}

function ownersInGeneration(
  members: readonly { readonly memberId: string; readonly assignment: Uint8Array }[],
): [string, readonly string[]][] {
  return members
    .filter(({ assignment }) => assignment.byteLength > 0)
    .map(({ memberId, assignment }) => {
      const { assignedPartitions } = decodeAssignment(assignment)
      const held = assignedPartitions.flatMap(({ topic, partitions }) =>
        partitions.map(each => `${topic}-${each}`),
      )
      return [memberId, held]
    })
}

function twice(when: string, owners: readonly (readonly [string, readonly string[]])[]): string[] {
  const seen = new Map<string, string>()
  return owners.flatMap(([memberId, partitions]) =>
    partitions.flatMap(partition => {
      const other = seen.get(partition)
      seen.set(partition, memberId)
      return other === undefined
        ? []
        : [`G1: in ${when} ${partition} belongs to ${other} and ${memberId}`]
    }),
  )
}
