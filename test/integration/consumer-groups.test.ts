import { startBroker } from '@varve/broker'
import { type ConsumerOptions, Varve } from '@varve/client'
import { describe, expect, it } from 'vitest'

const quiet = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} }
const PARTITIONS = 4

const kinds = [
  { groupProtocol: 'classic' },
  { groupProtocol: 'classic', partitionAssignors: ['cooperative-sticky'] },
  { groupProtocol: 'consumer' },
] as const satisfies readonly Partial<ConsumerOptions>[]

/** A broker with a topic, and consumers of one group that note what they read. */
async function grouped(options: Partial<ConsumerOptions>) {
  const settings = {
    'group.min.session.timeout.ms': 100,
    'group.consumer.min.heartbeat.interval.ms': 100,
    'group.consumer.heartbeat.interval.ms': 100,
  }
  const broker = await startBroker({ storage: 'memory', settings })
  const varve = new Varve({ brokers: [broker.address], log: quiet })
  const admin = varve.admin()
  await admin.createTopics([{ name: 'orders', partitions: PARTITIONS }])
  const producer = varve.producer()
  const seen: string[] = []
  const owned = new Map<string, Set<number>>()
  const isClassic = options.groupProtocol === 'classic'
  const join = (name: string) => {
    const mine = new Set<number>()
    owned.set(name, mine)
    const consumer = varve.consumer({
      groupId: 'billing',
      topics: ['orders'],
      startAt: 'earliest',
      ...(isClassic ? { heartbeatIntervalMs: 100 } : {}),
      ...options,
      onAssigned: added => {
        for (const { partition } of added) mine.add(partition)
      },
      onRevoked: gone => {
        for (const { partition } of gone) mine.delete(partition)
      },
    })
    const ended = consumer.run({
      concurrency: 4,
      eachRecord: ({ partition, offset }) => void seen.push(`${partition}:${offset}`),
    })
    const leave = async () => {
      await consumer.close()
      await ended
    }
    return { consumer, leave }
  }
  const write = (count: number) =>
    producer.sendBatch(
      Array.from({ length: count }, (_, index) => ({
        topic: 'orders',
        partition: index % PARTITIONS,
        value: `value ${index}`,
      })),
    )
  const close = async () => {
    await producer.close()
    await admin.close()
    await broker.stop()
  }
  return { join, write, seen, owned, close }
}

async function until(isSo: () => boolean): Promise<void> {
  await expect.poll(isSo, { timeout: 20_000, interval: 20 }).toBe(true)
}

describe.each(kinds)('consumers of a group with %o', options => {
  it('share the partitions, hand them over, and read every record once', async () => {
    const { join, write, seen, owned, close } = await grouped(options)
    const first = join('first')
    await write(400)
    await until(() => seen.length === 400)
    const second = join('second')
    await until(() => [...owned.values()].every(({ size }) => size === 2))
    await write(400)
    await until(() => seen.length === 800)
    await first.leave()
    await until(() => owned.get('second')?.size === PARTITIONS)
    await write(400)
    await until(() => seen.length >= 1200)
    expect(new Set(seen).size).toBe(1200)
    expect(seen.length).toBe(1200)
    const committed = await second.consumer.committed()
    expect(committed.length).toBe(PARTITIONS)
    await second.leave()
    await close()
  }, 60_000)
})
