import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../../packages/broker/src/config/load.ts'
import { addPartitions } from '../../../packages/broker/src/coordinator/transaction/add-partitions.ts'
import { endTransaction } from '../../../packages/broker/src/coordinator/transaction/end-transaction.ts'
import { initProducer } from '../../../packages/broker/src/coordinator/transaction/init-producer.ts'
import type { ProducerGiven } from '../../../packages/broker/src/coordinator/transaction/transaction-requests.ts'
import { Coordinators } from '../../../packages/broker/src/coordinators.ts'
import type { MetadataImage } from '../../../packages/broker/src/metadata/image.ts'
import type { MetadataStore } from '../../../packages/broker/src/metadata/store.ts'
import { DiskImage } from '../../support/disk-image.ts'
import { quietWorld, settle } from '../../support/journal-world.ts'
import { openHarness } from '../../support/log-harness.ts'
import { imageWith, newTopic, topicIdOf } from '../../support/metadata-image.ts'
import { ModelDisk } from '../../support/model-disk.ts'

const ID = 'payments'
const OFFSETS = '__consumer_offsets'
const TRANSACTIONS = '__transaction_state'
const PARTITIONS = new Map([
  ['orders', [0]],
  [OFFSETS, [0]],
])

async function given(image: MetadataImage) {
  const world = quietWorld(new ModelDisk(new DiskImage()))
  const harness = await openHarness(world, { image })
  const metadata = { image } as { image: MetadataImage } & MetadataStore
  const { settings } = loadConfig({})
  const partitions = harness.directory
  const coordinators = new Coordinators({ world, settings, brokerId: 1, metadata, partitions })
  const rest = async () => {
    for (let round = 0; round < 16; round++) await harness.flush()
  }
  const refuse = (error: ProducerGiven['error']) => ({ error, producerId: -1, producerEpoch: -1 })
  await rest()
  return {
    coordinators,
    rest,
    changeTo: async (next: MetadataImage) => {
      metadata.image = next
      await harness.directory.applyImage(next)
      coordinators.metadataChanged(next)
      await rest()
    },
    endOf: (topic: string) => harness.directory.get(topicIdOf(topic), 0)?.logEndOffset,
    init: () =>
      coordinators.transactions.ask<ProducerGiven | 'needs producer id'>(ID, {
        decide: (state, ticket, moment) => {
          const asked = { transactionalId: ID, current: undefined, timeoutMs: 1000, ticket }
          return initProducer(state, { ...asked, freshProducerId: 7 }, moment)
        },
        refuse,
      }),
    add: () =>
      coordinators.transactions.ask<ProducerGiven['error']>(ID, {
        decide: (state, ticket, moment) => {
          const asked = { transactionalId: ID, producerId: 7, producerEpoch: 0, ticket }
          return addPartitions(state, { ...asked, partitions: PARTITIONS }, moment)
        },
        refuse: error => error,
      }),
    end: () =>
      coordinators.transactions.ask<ProducerGiven | 'needs producer id'>(ID, {
        decide: (state, ticket, moment) => {
          const producer = { transactionalId: ID, producerId: 7, producerEpoch: 0 }
          const asked = { ...producer, result: 'commit', clientVersion: 2, ticket } as const
          return endTransaction(state, { ...asked, freshProducerId: undefined }, moment)
        },
        refuse,
      }),
  }
}

const withTopics = () =>
  imageWith(...[OFFSETS, TRANSACTIONS, 'orders'].flatMap(name => newTopic(name)))

/** What the questions come to when nothing but the disk stands before them. */
async function answers<T>(asked: Promise<T>, rest: () => Promise<void>): Promise<T> {
  await rest()
  return asked
}

describe('the coordinators of a broker', () => {
  it('T5: write the markers of a transaction into its partitions, those of groups as well, and then complete it', async () => {
    const { coordinators, rest, endOf, init, add, end } = await given(withTopics())
    expect(await answers(init(), rest)).toEqual({ error: 'NONE', producerId: 7, producerEpoch: 0 })
    expect(await answers(add(), rest)).toBe('NONE')
    const before = [endOf('orders'), endOf(OFFSETS), endOf(TRANSACTIONS)]
    expect(await answers(end(), rest)).toEqual({ error: 'NONE', producerId: 7, producerEpoch: 1 })
    await rest()
    expect([before, [endOf('orders'), endOf(OFFSETS), endOf(TRANSACTIONS)]]).toEqual([
      [0, 0, 2],
      [1, 1, 4],
    ])
    coordinators.stop()
  })

  it('T7: ask the coordinator of a transaction before its records enter a partition', async () => {
    const { coordinators, rest, init, add } = await given(withTopics())
    await answers(init(), rest)
    const asked = { transactionalId: ID, producerId: 7, producerEpoch: 0, mode: 'verify' } as const
    const partitions = [{ topic: 'orders', partition: 0 }]
    const verify = () => answers(coordinators.verifier.verify({ ...asked, partitions }), rest)
    expect(await verify()).toEqual(['TRANSACTION_ABORTABLE'])
    await answers(add(), rest)
    expect(await verify()).toEqual(['NONE'])
    coordinators.stop()
  })

  it('follow the metadata: nobody coordinates what another broker leads now', async () => {
    const { coordinators, changeTo, init, rest } = await given(withTopics())
    const elsewhere = [OFFSETS, TRANSACTIONS].flatMap(name =>
      newTopic(name).map(change =>
        change.type === 'PartitionRecord'
          ? { ...change, replicas: [1, 2], isr: [1, 2], leader: 2, leaderEpoch: 1 }
          : change,
      ),
    )
    expect(await coordinators.groups.leadersOf(['readers'])).toEqual([1])
    await changeTo(imageWith(...elsewhere))
    expect(await answers(init(), rest)).toMatchObject({ error: 'NOT_COORDINATOR' })
    expect(await coordinators.groups.leadersOf(['readers'])).toEqual([2])
    coordinators.stop()
  })

  it('leave nobody waiting when they stop', async () => {
    const { coordinators, init } = await given(withTopics())
    const waiting = init()
    coordinators.stop()
    await settle()
    expect(await waiting).toMatchObject({ error: 'NOT_COORDINATOR' })
    expect(await init()).toMatchObject({ error: 'NOT_COORDINATOR' })
  })
})
