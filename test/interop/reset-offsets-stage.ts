import type { Admin, OffsetToCommit, Varve } from '@varve/client'

/** The first record of each partition was written then, and one every half hour since; the last not long ago. */
export const RECORDS = 20
const STEP_MS = 1_800_000

/** What the offsets are reset over: every kind of partition that a reset treats in its own way. */
export interface Stage {
  readonly orders: string
  readonly users: string
  /** When the first record of each partition was written, in ms since 1970. */
  readonly firstAt: number
  /** What each group has committed before it is reset. */
  readonly committed: readonly OffsetToCommit[]
}

/**
 * `orders`: 0 is ordinary, 1 is empty, of 2 the first five records are deleted, of 3 nothing is committed, of 4 all records are
 * deleted and the commit lies before its beginning. `users`: 0 is committed, 1 is not.
 */
export async function setStage(varve: Varve, admin: Admin, name: string): Promise<Stage> {
  const orders = `${name}.orders`
  const users = `${name}.users`
  const created = await admin.createTopics([
    { name: orders, partitions: 5 },
    { name: users, partitions: 2 },
  ])
  for (const { error } of created) if (error !== undefined) throw error
  // A quarter of an hour off the half hours, so that no duration ends where a record is.
  const firstAt = Math.floor(Date.now() / 1000) * 1000 - RECORDS * STEP_MS + STEP_MS / 2
  await using producer = varve.producer()
  const places = [
    ...[0, 2, 3, 4].map(partition => ({ topic: orders, partition })),
    ...[0, 1].map(partition => ({ topic: users, partition })),
  ]
  const sent = places.flatMap(place =>
    Array.from({ length: RECORDS }, (_, index) =>
      producer.send({ ...place, value: String(index), timestamp: firstAt + index * STEP_MS }),
    ),
  )
  await Promise.all(sent)
  const deleted = await admin.deleteRecords([
    { topic: orders, partition: 2, offset: 5 },
    { topic: orders, partition: 4, offset: -1 },
  ])
  for (const { error } of deleted) if (error !== undefined) throw error
  const committed = [
    { topic: orders, partition: 0, offset: 7, metadata: 'of the consumer' },
    { topic: orders, partition: 1, offset: 0 },
    { topic: orders, partition: 2, offset: 9 },
    { topic: orders, partition: 4, offset: 3 },
    { topic: users, partition: 0, offset: 12 },
  ]
  return { orders, users, firstAt, committed }
}
