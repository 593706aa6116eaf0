import type { Admin, DescribedTopic } from '@varve/client'

/** The offsets that a partition holds: from `startOffset` to before `endOffset`. */
export interface PartitionRange {
  readonly topic: string
  readonly partition: number
  readonly startOffset: number
  readonly endOffset: number
}

/** What the partitions of topics hold; those that cannot say so now are left out. */
export async function partitionRanges(
  admin: Admin,
  topics: readonly DescribedTopic[],
): Promise<readonly PartitionRange[]> {
  const places = topics.flatMap(topic =>
    topic.partitions.map(({ partition }) => ({ topic: topic.name, partition })),
  )
  if (places.length === 0) return []
  const [starts, ends] = await Promise.all(
    (['earliest', 'latest'] as const).map(at =>
      admin.listOffsets(places.map(place => ({ ...place, at }))),
    ),
  )
  return places.flatMap((place, index) => {
    const start = starts?.[index]
    const end = ends?.[index]
    if (start === undefined || end === undefined || start.error || end.error) return []
    return [{ ...place, startOffset: start.offset, endOffset: end.offset }]
  })
}
