import type { Admin, TopicPartition } from '@varve/client'
import { CommandError } from './command-error.ts'
import { type PartitionRange, partitionRanges } from './partition-ranges.ts'
import type { ResetTarget } from './reset-target.ts'
import { byPlace, partitionsOf, type TopicScope } from './topic-scope.ts'

/** What a reset does to one partition of a group. */
export interface PlannedOffset extends TopicPartition {
  readonly groupId: string
  /** Null: nothing is committed. */
  readonly currentOffset: number | null
  readonly newOffset: number
  readonly endOffset: number
}

/** Which partitions of each group are reset: some, all that it has committed, or those that the target names. */
export type ResetScope = readonly TopicScope[] | 'committed' | 'of the target'

export interface ResetWish {
  readonly groupIds: readonly string[]
  readonly scope: ResetScope
  readonly target: ResetTarget
}

/** Offsets by group and place. */
type Offsets = ReadonlyMap<string, number>

interface Place extends TopicPartition {
  readonly groupId: string
}

/**
 * What a reset would do, partition by partition. Offsets that are not in the log are moved to its nearest end, and `warn` is
 * told. Throws a `CommandError` where the wish cannot be followed.
 */
export async function resetPlan(
  admin: Admin,
  wish: ResetWish,
  warn: (sentence: string) => void,
): Promise<readonly PlannedOffset[]> {
  const current = await committedOffsets(admin, wish.groupIds)
  const wanted = await wantedOffsets(admin, wish)
  const places = await placesOf(admin, wish, { current, wanted })
  const ranges = await rangesOf(admin, places, { wish, warn })
  const times = await offsetsAtTime(admin, wish.target, [...ranges.values()])
  return places.flatMap(place => {
    const range = ranges.get(placeKey(place))
    if (range === undefined) return []
    const committed = current.get(ownKey(place))
    const known = { range, committed, wanted: wanted.get(ownKey(place)), times, warn }
    const newOffset = newOffsetOf(place, wish.target, known)
    if (newOffset === undefined) return []
    return [{ ...place, currentOffset: committed ?? null, newOffset, endOffset: range.endOffset }]
  })
}

async function committedOffsets(admin: Admin, groupIds: readonly string[]): Promise<Offsets> {
  const groups = await admin.groupOffsets(groupIds.map(groupId => ({ groupId })))
  const offsets = new Map<string, number>()
  for (const { groupId, offsets: ofGroup, error } of groups) {
    if (error !== undefined) throw error
    for (const { topic, partition, offset } of ofGroup)
      if (offset >= 0) offsets.set(ownKey({ groupId, topic, partition }), offset)
  }
  return offsets
}

/** The offsets that a file or another group names, for each of the groups. */
async function wantedOffsets(admin: Admin, { groupIds, target }: ResetWish): Promise<Offsets> {
  const offsets = new Map<string, number>()
  if (target.to === 'rows') {
    for (const { groupId = groupIds[0] as string, ...row } of target.rows)
      offsets.set(ownKey({ groupId, ...row }), row.offset)
  }
  if (target.to !== 'group') return offsets
  const [source] = await admin.groupOffsets([{ groupId: target.groupId }])
  if (source?.error !== undefined) throw source.error
  const committed = source?.offsets.filter(({ offset }) => offset >= 0) ?? []
  if (committed.length === 0) {
    throw new CommandError(`Group ${target.groupId} has committed nothing that could be taken over`)
  }
  for (const groupId of groupIds) {
    for (const { topic, partition, offset } of committed)
      offsets.set(ownKey({ groupId, topic, partition }), offset)
  }
  return offsets
}

async function placesOf(
  admin: Admin,
  { groupIds, scope }: ResetWish,
  { current, wanted }: { readonly current: Offsets; readonly wanted: Offsets },
): Promise<readonly Place[]> {
  const named = typeof scope === 'string' ? undefined : await partitionsOf(admin, scope)
  const own = [...(scope === 'committed' ? current : wanted).keys()].map(placeOfKey)
  return groupIds.flatMap(groupId =>
    (named ?? own.filter(place => place.groupId === groupId))
      .map(({ topic, partition }) => ({ groupId, topic, partition }))
      .sort(byPlace),
  )
}

/** What the partitions hold. Of a group's own commits, those whose topic is gone are passed over; others are a mistake. */
async function rangesOf(
  admin: Admin,
  places: readonly Place[],
  { wish, warn }: { readonly wish: ResetWish; readonly warn: (sentence: string) => void },
): Promise<ReadonlyMap<string, PartitionRange>> {
  const topics = await admin.describeTopics([...new Set(places.map(({ topic }) => topic))])
  const partitions = new Map(topics.map(topic => [topic.name, topic.partitions.length]))
  const ranges = new Map<string, PartitionRange>()
  for (const range of await partitionRanges(
    admin,
    topics.filter(({ error }) => error === undefined),
  )) {
    ranges.set(placeKey(range), range)
  }
  for (const place of places) {
    if (ranges.has(placeKey(place))) continue
    const name = `${place.topic}-${place.partition}`
    const isGone = place.partition >= (partitions.get(place.topic) ?? 0)
    if (!isGone) throw new CommandError(`${name} cannot say now which offsets it holds`)
    if (wish.scope !== 'committed') throw new CommandError(`There is no partition ${name}`)
    warn(`${name} is no longer there; what group ${place.groupId} committed of it stays`)
  }
  return ranges
}

/** The offset of the first record at or after the time, by partition; none where no record is that new. */
async function offsetsAtTime(
  admin: Admin,
  target: ResetTarget,
  partitions: readonly TopicPartition[],
): Promise<Offsets> {
  if (target.to !== 'time' || partitions.length === 0) return new Map()
  const at = { timestamp: target.timestamp }
  const found = await admin.listOffsets(
    partitions.map(({ topic, partition }) => ({ topic, partition, at })),
  )
  const offsets = new Map<string, number>()
  for (const { error, offset, ...place } of found) {
    if (error !== undefined) throw error
    if (offset >= 0) offsets.set(placeKey(place), offset)
  }
  return offsets
}

interface Known {
  readonly range: PartitionRange
  readonly committed: number | undefined
  readonly wanted: number | undefined
  readonly times: Offsets
  readonly warn: (sentence: string) => void
}

/** Undefined where the target says nothing of the partition. */
function newOffsetOf(place: Place, target: ResetTarget, known: Known): number | undefined {
  const { range, committed, wanted, warn } = known
  const name = `${place.topic}-${place.partition}`
  const within = (offset: number) => clamped(name, offset, { range, warn })
  switch (target.to) {
    case 'earliest':
      return range.startOffset
    case 'latest':
      return range.endOffset
    case 'current':
      return committed ?? range.endOffset
    case 'offset':
      return within(target.offset)
    case 'shift':
      if (committed !== undefined) return within(committed + target.by)
      throw new CommandError(
        `Group ${place.groupId} has committed nothing of ${name} that could be shifted; name the partitions it has, or --all-topics`,
      )
    case 'time': {
      const offset = known.times.get(placeKey(place))
      if (offset !== undefined) return offset
      warn(`${name} has no record that is so new; its end, ${range.endOffset}, is taken`)
      return range.endOffset
    }
    case 'rows':
      return wanted === undefined ? undefined : within(wanted)
    case 'group':
      if (wanted !== undefined) return within(wanted)
      warn(`Group ${target.groupId} has committed nothing of ${name}; it stays as it is`)
      return undefined
  }
}

function clamped(
  name: string,
  offset: number,
  { range, warn }: Pick<Known, 'range' | 'warn'>,
): number {
  const { startOffset, endOffset } = range
  if (offset > endOffset) {
    warn(`${offset} is beyond the end of ${name}; its end, ${endOffset}, is taken`)
    return endOffset
  }
  if (offset < startOffset) {
    warn(`${offset} is before the beginning of ${name}; its first offset, ${startOffset}, is taken`)
    return startOffset
  }
  return offset
}

function placeKey({ topic, partition }: TopicPartition): string {
  return `${topic}:${partition}`
}

function ownKey({ groupId, topic, partition }: Place): string {
  return JSON.stringify([groupId, topic, partition])
}

function placeOfKey(key: string): Place {
  const [groupId, topic, partition] = JSON.parse(key) as [string, string, number]
  return { groupId, topic, partition }
}
