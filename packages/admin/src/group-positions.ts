import type { Admin, DescribedGroup, DescribedMember, TopicPartition } from '@varve/client'
import { partitionRanges } from './partition-ranges.ts'
import { byPlace } from './topic-scope.ts'

/** How far a group has come in one partition, and who reads it. */
export interface GroupPosition extends TopicPartition {
  /** Null: nothing is committed. */
  readonly currentOffset: number | null
  /** Null: the partition cannot say, or is gone. */
  readonly endOffset: number | null
  /** The number of records behind; null where one of the offsets is not known. */
  readonly lag: number | null
  readonly metadata: string | null
  readonly owner: DescribedMember | null
}

/** The partitions that each group has committed or owns, in order. */
export async function groupPositions(
  admin: Admin,
  groups: readonly DescribedGroup[],
): Promise<ReadonlyMap<string, readonly GroupPosition[]>> {
  const committed = await admin.groupOffsets(groups.map(({ groupId }) => ({ groupId })))
  const seen = groups.map((group, index) => {
    const { offsets = [], error } = committed[index] ?? {}
    if (error !== undefined) throw error
    return { group, offsets: offsets.filter(({ offset }) => offset >= 0) }
  })
  const places = seen.flatMap(({ group, offsets }) => [
    ...offsets,
    ...group.members.flatMap(({ assignment }) => assignment),
  ])
  const ends = await endOffsets(admin, places)
  return new Map(
    seen.map(({ group, offsets }) => {
      const owners = new Map(
        group.members.flatMap(member => member.assignment.map(at => [keyOf(at), member] as const)),
      )
      const own = new Map(offsets.map(offset => [keyOf(offset), offset]))
      const all = new Map<string, TopicPartition>(
        [...offsets, ...group.members.flatMap(({ assignment }) => assignment)].map(at => [
          keyOf(at),
          at,
        ]),
      )
      const positions = [...all.values()].sort(byPlace).map(({ topic, partition }) => {
        const key = keyOf({ topic, partition })
        const currentOffset = own.get(key)?.offset ?? null
        const endOffset = ends.get(key) ?? null
        const lag = currentOffset === null || endOffset === null ? null : endOffset - currentOffset
        const metadata = own.get(key)?.metadata || null
        const owner = owners.get(key) ?? null
        return { topic, partition, currentOffset, endOffset, lag, metadata, owner }
      })
      return [group.groupId, positions]
    }),
  )
}

async function endOffsets(
  admin: Admin,
  places: readonly TopicPartition[],
): Promise<ReadonlyMap<string, number>> {
  const names = [...new Set(places.map(({ topic }) => topic))]
  if (names.length === 0) return new Map()
  const topics = (await admin.describeTopics(names)).filter(({ error }) => error === undefined)
  const ranges = await partitionRanges(admin, topics)
  return new Map(ranges.map(range => [keyOf(range), range.endOffset]))
}

function keyOf({ topic, partition }: TopicPartition): string {
  return `${topic}:${partition}`
}
