import { startBroker } from '@varve/broker'
import { type Admin, type Consumer, Varve } from '@varve/client'

/** A broker in this process with a topic, `orders`, whose partitions hold ten records, none, and the last five of ten. */
export interface GroupStage extends AsyncDisposable {
  /** The options that name the broker. */
  readonly at: readonly string[]
  readonly admin: Admin
  /** Commits for a group that nobody is in. */
  readonly commit: (groupId: string, offsets: readonly number[]) => Promise<void>
  /** What a group has committed of `orders`, by partition. */
  readonly committed: (groupId: string) => Promise<Record<number, number>>
  /** A member that has read something, and goes on being one until the stage is taken down. */
  readonly join: (groupId: string, groupInstanceId?: string) => Promise<Consumer>
}

/** When the records of each partition were written: one a minute from here on. */
export const FIRST_RECORD_AT = Date.UTC(2026, 10, 21, 10)

export async function groupStage(): Promise<GroupStage> {
  const broker = await startBroker({
    storage: 'memory',
    settings: { 'log.retention.ms': '-1' },
  })
  const varve = new Varve({ brokers: [broker.address] })
  const admin = varve.admin()
  const members: Consumer[] = []
  await admin.createTopics([{ name: 'orders', partitions: 3 }])
  await using producer = varve.producer()
  await producer.sendBatch(
    [0, 2].flatMap(partition =>
      Array.from({ length: 10 }, (_, index) => ({
        topic: 'orders',
        partition,
        value: String(index),
        timestamp: FIRST_RECORD_AT + index * 60_000,
      })),
    ),
  )
  await admin.deleteRecords([{ topic: 'orders', partition: 2, offset: 5 }])
  return {
    at: ['-b', broker.address],
    admin,
    async commit(groupId, offsets) {
      const wanted = offsets.map((offset, partition) => ({ topic: 'orders', partition, offset }))
      const altered = await admin.alterGroupOffsets(groupId, wanted)
      for (const { error } of altered) if (error !== undefined) throw error
    },
    async committed(groupId) {
      const [group] = await admin.groupOffsets([{ groupId }])
      return Object.fromEntries((group?.offsets ?? []).map(at => [at.partition, at.offset]))
    },
    async join(groupId, groupInstanceId) {
      const consumer = varve.consumer({
        groupId,
        topics: ['orders'],
        startAt: 'earliest',
        commit: 'manual',
        ...(groupInstanceId === undefined ? {} : { groupInstanceId }),
      })
      members.push(consumer)
      for await (const _ of consumer) break
      return consumer
    },
    async [Symbol.asyncDispose]() {
      for (const member of members) await member.close()
      await admin.close()
      await broker.stop()
    },
  }
}
