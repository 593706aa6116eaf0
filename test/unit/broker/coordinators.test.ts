import type { ErrorName, JoinGroupResponse } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../../packages/broker/src/config/load.ts'
import { refusedJoin } from '../../../packages/broker/src/coordinator/group/classic/join-answers.ts'
import { joinGroup } from '../../../packages/broker/src/coordinator/group/classic/join-group.ts'
import { OFFSETS_TOPIC } from '../../../packages/broker/src/coordinator/group/offsets-topic.ts'
import { endTransaction } from '../../../packages/broker/src/coordinator/transaction/end-transaction.ts'
import { initProducer } from '../../../packages/broker/src/coordinator/transaction/init-producer.ts'
import type { ProducerAnswer } from '../../../packages/broker/src/coordinator/transaction/transaction-requests.ts'
import { TRANSACTIONS_TOPIC } from '../../../packages/broker/src/coordinator/transaction/transactions-topic.ts'
import { Coordinators } from '../../../packages/broker/src/coordinators.ts'
import type { MetadataChange } from '../../../packages/broker/src/metadata/change.ts'
import type { MetadataStore } from '../../../packages/broker/src/metadata/store.ts'
import { DiskImage } from '../../support/disk-image.ts'
import { quietWorld } from '../../support/journal-world.ts'
import { openHarness } from '../../support/log-harness.ts'
import { imageWith, newTopic, topicIdOf } from '../../support/metadata-image.ts'
import { ModelDisk } from '../../support/model-disk.ts'

const TRANSACTIONAL_ID = 'payments'

async function open(...changes: readonly MetadataChange[]) {
  const world = quietWorld(new ModelDisk(new DiskImage()))
  const image = imageWith(...newTopic(OFFSETS_TOPIC), ...newTopic(TRANSACTIONS_TOPIC), ...changes)
  const harness = await openHarness(world, { image })
  const metadata: { image: typeof image } & Partial<MetadataStore> = { image }
  const coordinators = new Coordinators({
    world,
    settings: loadConfig({
      options: { 'node.id': '1', 'group.initial.rebalance.delay.ms': '3000' },
    }).settings,
    brokerId: 1,
    metadata: metadata as MetadataStore,
    partitions: harness.directory,
  })
  const rest = async (): Promise<void> => {
    for (let round = 0; round < 8; round++) await harness.flush()
  }
  const recordsIn = (topic: string): number =>
    harness.directory.get(topicIdOf(topic), 0)?.logEndOffset ?? -1
  return { ...harness, world, metadata, coordinators, rest, recordsIn }
}

type Opened = Awaited<ReturnType<typeof open>>

/** What was answered, once it was. */
function noted<Response>(asked: Promise<Response>): { response?: Response } {
  const note: { response?: Response } = {}
  void asked.then(response => {
    note.response = response
  })
  return note
}

/** A JoinGroup, which waits for the initial rebalance delay. */
const join = ({ coordinators }: Opened) =>
  noted(
    coordinators.groups.ask<JoinGroupResponse>('readers', {
      decide: (state, ticket, moment) => {
        const request = {
          ...{ groupId: 'readers', memberId: '', groupInstanceId: 'i', reason: null },
          ...{ sessionTimeoutMs: 10_000, rebalanceTimeoutMs: 10_000, protocolType: 'consumer' },
          protocols: [{ name: 'range', metadata: new Uint8Array() }],
        }
        const caller = { apiVersion: 9, clientId: 'c', clientHost: '/127.0.0.1', freshId: 'm' }
        return joinGroup(state, { ...caller, request, ticket }, moment)
      },
      refuse: error => refusedJoin('', error),
    }),
  )

const init = ({ coordinators }: Opened) =>
  noted(
    coordinators.transactions.ask<ProducerAnswer | ErrorName>(TRANSACTIONAL_ID, {
      decide: (state, ticket, moment) => {
        const producer = {
          transactionalId: TRANSACTIONAL_ID,
          timeoutMs: 60_000,
          current: undefined,
        }
        return initProducer(state, { ...producer, freshProducerId: 1000, ticket }, moment)
      },
      refuse: error => error,
    }),
  )

describe('the coordinators of a broker', () => {
  it('keep groups and transactions each in their own topic', async () => {
    const opened = await open()
    const producer = init(opened)
    await opened.rest()
    expect(producer.response).toMatchObject({ error: 'NONE', producerId: 1000, producerEpoch: 0 })
    expect([OFFSETS_TOPIC, TRANSACTIONS_TOPIC].map(opened.recordsIn)).toEqual([0, 1])
  })

  it('end a transaction with its marker in the committed offsets, and then say that it is over', async () => {
    const opened = await open()
    const { coordinators, rest } = opened
    init(opened)
    await rest()
    const partitions = [{ topic: OFFSETS_TOPIC, partition: 0 }]
    const producer = { transactionalId: TRANSACTIONAL_ID, producerId: 1000, producerEpoch: 0 }
    const added = noted(coordinators.verifier.verify({ ...producer, mode: 'add', partitions }))
    await rest()
    expect(added.response).toEqual(['NONE'])
    const ended = noted(
      coordinators.transactions.ask<ProducerAnswer | ErrorName>(TRANSACTIONAL_ID, {
        decide: (state, ticket, moment) => {
          const asked = { ...producer, result: 'commit', clientVersion: 0, ticket } as const
          return endTransaction(state, { ...asked, freshProducerId: undefined }, moment)
        },
        refuse: error => error,
      }),
    )
    await rest()
    expect(ended.response).toMatchObject({ error: 'NONE' })
    // The marker; and the producer, the partition, the decision and the end.
    expect([OFFSETS_TOPIC, TRANSACTIONS_TOPIC].map(opened.recordsIn)).toEqual([1, 4])
  })

  it('write markers that others decided too, and refuse those of partitions that are not there', async () => {
    const { coordinators, rest } = await open(...newTopic('orders'))
    const marker = {
      ...{ producerId: 7, producerEpoch: 0, coordinatorEpoch: 0, transactionVersion: 0 },
      result: 'abort',
    } as const
    const told = [OFFSETS_TOPIC, 'orders', 'gone'].map(topic =>
      noted(coordinators.markers.write(topic, 0, marker)),
    )
    await rest()
    expect(told.map(({ response }) => response)).toEqual([
      ...['NONE', 'NONE', 'UNKNOWN_TOPIC_OR_PARTITION'],
    ])
  })

  it('both follow the metadata: what another broker leads now is no longer theirs', async () => {
    const opened = await open()
    const moved = [OFFSETS_TOPIC, TRANSACTIONS_TOPIC].flatMap(topic =>
      newTopic(topic).map(change =>
        change.type === 'PartitionRecord'
          ? { ...change, replicas: [1, 2], isr: [1, 2], leader: 2 }
          : change,
      ),
    )
    opened.coordinators.metadataChanged(imageWith(...moved))
    const { groups, transactions } = opened.coordinators
    expect([await groups.leadersOf(['g']), await transactions.leadersOf(['t'])]).toEqual([[2], [2]])
  })

  it('refuse whoever waits, and whoever comes, when the broker stops', async () => {
    const opened = await open()
    const joining = join(opened)
    await opened.rest()
    expect(joining.response).toBeUndefined()
    opened.coordinators.stop()
    const late = init(opened)
    await opened.rest()
    expect(joining.response?.errorCode).toBe(16)
    expect(late.response).toBe('NOT_COORDINATOR')
  })
})
