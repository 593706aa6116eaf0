import type { ErrorName } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import type { MarkerErrand } from '../../../../../packages/broker/src/coordinator/transaction/errand.ts'
import type { TransactionEvent } from '../../../../../packages/broker/src/coordinator/transaction/event.ts'
import { MarkerWriter } from '../../../../../packages/broker/src/coordinator/transaction/marker-writer.ts'
import { DiskImage } from '../../../../support/disk-image.ts'
import { quietWorld, settle } from '../../../../support/journal-world.ts'
import { imageWith, newTopic } from '../../../../support/metadata-image.ts'
import { ModelDisk } from '../../../../support/model-disk.ts'

const ERRAND: MarkerErrand = {
  transactionalId: 'payments',
  producerId: 7,
  producerEpoch: 3,
  result: 'commit',
  transactionVersion: 2,
  partitions: new Map([
    ['orders', [0, 1]],
    ['other', [0]],
  ]),
}

const WRITTEN = {
  type: 'markers-written',
  transactionalId: 'payments',
  producerId: 7,
  producerEpoch: 3,
}

function given(say: (place: string, attempt: number) => ErrorName = () => 'NONE') {
  const world = quietWorld(new ModelDisk(new DiskImage()))
  const written: string[] = []
  const markers = new Set<unknown>()
  const attempts = new Map<string, number>()
  const writer = new MarkerWriter({
    world,
    metadata: { image: imageWith(...newTopic('__transaction_state')) },
    targets: {
      write: async (topic, partition, marker) => {
        const place = `${topic}-${partition}`
        const attempt = (attempts.get(place) ?? 0) + 1
        attempts.set(place, attempt)
        markers.add(JSON.stringify(marker))
        written.push(place)
        return say(place, attempt)
      },
    },
  })
  const events: TransactionEvent[] = []
  const perform = (errand = ERRAND) => writer.perform(errand, event => void events.push(event))
  return { world, writer, written, markers, events, perform }
}

describe('a marker writer', () => {
  it('writes into all partitions within the call, and says when all are written', async () => {
    const { perform, written, events, markers, writer, world } = given()
    perform()
    expect(written).toEqual(['orders-0', 'orders-1', 'other-0'])
    expect(events).toEqual([])
    await settle()
    expect(events).toEqual([WRITTEN])
    expect([...markers].map(marker => JSON.parse(String(marker)))).toEqual([
      {
        producerId: 7,
        producerEpoch: 3,
        result: 'commit',
        transactionVersion: 2,
        coordinatorEpoch: 0,
      },
    ])
    expect([writer.count, world.clock.waitingCount, world.warnings]).toEqual([0, 0, []])
  })

  it('is done with a transaction that has no partitions', async () => {
    const { perform, events } = given()
    perform({ ...ERRAND, partitions: new Map() })
    await settle()
    expect(events).toEqual([WRITTEN])
  })

  it('tries those that fail again, later each time, and only those', async () => {
    const { perform, written, events, world } = given((place, attempt) =>
      place === 'orders-1' && attempt < 4 ? 'KAFKA_STORAGE_ERROR' : 'NONE',
    )
    perform()
    await settle()
    written.splice(0)
    for (const waitMs of [50, 100]) {
      world.clock.advance(waitMs - 1)
      await settle()
      expect(written).toEqual([])
      world.clock.advance(1)
      await settle()
      expect(written.splice(0)).toEqual(['orders-1'])
    }
    expect(events).toEqual([])
    expect(world.warnings).toHaveLength(1)
    world.clock.advance(200)
    await settle()
    expect(events).toEqual([WRITTEN])
    expect(world.clock.waitingCount).toBe(0)
  })

  it('leaves partitions that are gone, and those that somebody newer has written to', async () => {
    const { perform, events } = given(place =>
      place === 'other-0' ? 'UNKNOWN_TOPIC_OR_PARTITION' : 'INVALID_PRODUCER_EPOCH',
    )
    perform()
    await settle()
    expect(events).toEqual([WRITTEN])
  })

  it('writes once for a shard that was loaded anew, and tells the one that asked last', async () => {
    const { writer, written, world } = given((_, attempt) =>
      attempt === 1 ? 'NOT_LEADER_OR_FOLLOWER' : 'NONE',
    )
    const told: string[] = []
    writer.perform(ERRAND, () => void told.push('first'))
    await settle()
    writer.perform(ERRAND, () => void told.push('second'))
    expect(writer.count).toBe(1)
    world.clock.advance(50)
    await settle()
    expect(told).toEqual(['second'])
    expect(written).toHaveLength(6)
  })

  it('stops with its broker', async () => {
    const { perform, writer, written, events, world } = given(() => 'KAFKA_STORAGE_ERROR')
    perform()
    await settle()
    writer.stop()
    expect(world.clock.waitingCount).toBe(0)
    perform()
    await settle()
    expect([written.length, events.length, writer.count]).toEqual([3, 0, 0])
  })

  it('says nothing when it was stopped while it wrote', async () => {
    const { perform, writer, events } = given()
    perform()
    writer.stop()
    await settle()
    expect(events).toEqual([])
  })
})
