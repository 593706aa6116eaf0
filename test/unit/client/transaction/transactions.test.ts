import {
  AddOffsetsToTxn,
  AddPartitionsToTxn,
  EndTxn,
  FindCoordinator,
  InitProducerId,
  Produce,
  RecordBatch,
  TxnOffsetCommit,
} from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import type { ProducerOptions } from '../../../../packages/client/src/producer/options.ts'
import { Producer } from '../../../../packages/client/src/producer/producer.ts'
import type { VarveOptions } from '../../../../packages/client/src/settings.ts'
import { FakeCluster } from '../../../support/fake-broker.ts'
import { settingsFor, watch } from '../../../support/fake-client.ts'
import { FakeTransactions } from '../../../support/fake-transactions.ts'

interface StageOptions extends Partial<VarveOptions> {
  readonly version?: 1 | 2
  readonly producer?: Partial<ProducerOptions>
}

function stage({ version = 2, producer: options, ...client }: StageOptions = {}) {
  const fake = new FakeCluster(2)
  fake.addTopic('t', 2)
  const coordinator = new FakeTransactions(fake, { version })
  const producer = new Producer(settingsFor(fake, client), { transactionalId: 'x', ...options })
  const { clock } = fake.platform
  const done = async <T>(promise: Promise<T>) => {
    const watched = watch(promise)
    await clock.advance(10)
    return watched.value()
  }
  const begin = () => done(producer.transaction())
  /** A transaction with a record in each partition. */
  const beginWithRecords = async () => {
    const transaction = await begin()
    for (const partition of [0, 1]) void transaction.send({ topic: 't', partition, value: 'v' })
    await clock.advance(10)
    return transaction
  }
  const names = () =>
    fake.requests
      .map(({ api }) => api)
      .filter(api => api !== 'ApiVersions' && api !== 'Metadata' && api !== 'FindCoordinator')
  const epochs = () =>
    fake.partition('t', 0).batches.map(bytes => new RecordBatch(bytes).producerEpoch)
  return { fake, coordinator, producer, clock, done, begin, beginWithRecords, names, epochs }
}

describe('Transactions', () => {
  it('are carried out with the requests of v2 where the cluster has agreed on it', async () => {
    const { fake, coordinator, done, beginWithRecords, names } = stage()
    await done((await beginWithRecords()).commit())
    expect(names()).toEqual(['InitProducerId', 'Produce', 'Produce', 'EndTxn'])
    expect(coordinator.ends).toMatchObject([{ result: 'commit', producerEpoch: 0 }])
    const [produce] = fake.requests.filter(({ api }) => api === 'Produce')
    expect(produce).toMatchObject({ version: 13, request: { transactionalId: 'x' } })
    const batch = new RecordBatch(fake.partition('t', 0).batches[0] as Buffer)
    expect([batch.isTransactional, batch.producerId, batch.baseSequence]).toEqual([true, 77, 0])
    expect(fake.requestsOf(FindCoordinator)).toMatchObject([{ keyType: 1, coordinatorKeys: ['x'] }])
  })

  it('begin a sequence under the epoch that the end of the last one gave (v2)', async () => {
    const { fake, done, beginWithRecords, epochs } = stage()
    for (let count = 0; count < 3; count += 1) await done((await beginWithRecords()).commit())
    expect(epochs()).toEqual([0, 1, 2])
    const sequences = fake.partition('t', 0).batches.map(one => new RecordBatch(one).baseSequence)
    expect(sequences).toEqual([0, 0, 0])
    expect(fake.requestsOf(InitProducerId)).toHaveLength(1)
  })

  it('add partitions before their first records, and keep epoch and sequence (v1)', async () => {
    const { fake, coordinator, done, beginWithRecords, names, epochs } = stage({ version: 1 })
    for (let count = 0; count < 2; count += 1) await done((await beginWithRecords()).commit())
    expect(names().slice(0, 4)).toEqual([
      'InitProducerId',
      'AddPartitionsToTxn',
      'Produce',
      'Produce',
    ])
    expect(coordinator.ends.map(({ partitions }) => partitions)).toEqual([
      ['t-0', 't-1'],
      ['t-0', 't-1'],
    ])
    expect(epochs()).toEqual([0, 0])
    const sequences = fake.partition('t', 0).batches.map(one => new RecordBatch(one).baseSequence)
    expect(sequences).toEqual([0, 1])
    const versions = fake.requests.filter(({ api }) => api === 'Produce' || api === 'EndTxn')
    expect(Math.max(...versions.map(({ version }) => version))).toBe(11)
  })

  it('ask nobody for the end of one in which nothing was sent', async () => {
    const { done, begin, names } = stage()
    await done((await begin()).commit())
    await done((await begin()).abort())
    expect(names()).toEqual(['InitProducerId'])
  })

  it('go to another coordinator when the one that was asked is none any more', async () => {
    const { fake, coordinator, done, beginWithRecords } = stage()
    const transaction = await beginWithRecords()
    coordinator.coordinatorId = 2
    coordinator.refuse(EndTxn, 'NOT_COORDINATOR')
    const committing = watch(transaction.commit())
    await done(Promise.resolve())
    await fake.platform.clock.advance(200)
    expect(committing.state()).toBe('resolved')
    const ends = fake.requests.filter(({ api }) => api === 'EndTxn')
    expect(ends.map(({ brokerId }) => brokerId)).toEqual([1, 2])
  })

  it.each([
    'CONCURRENT_TRANSACTIONS',
    'COORDINATOR_LOAD_IN_PROGRESS',
    'COORDINATOR_NOT_AVAILABLE',
  ] as const)('wait and ask again after %s', async error => {
    const { coordinator, clock, beginWithRecords } = stage()
    const transaction = await beginWithRecords()
    coordinator.refuse(EndTxn, error, error)
    const committing = watch(transaction.commit())
    await clock.advance(500)
    expect(committing.state()).toBe('resolved')
    expect(coordinator.ends).toHaveLength(1)
  })

  it('are told the truth when the answer to a commit was lost', async () => {
    const { fake, coordinator, clock, beginWithRecords, begin } = stage()
    const transaction = await beginWithRecords()
    fake.next(EndTxn, (request, { version }) => {
      coordinator.end(request, version)
      return 'close'
    })
    const committing = watch(transaction.commit())
    await clock.advance(500)
    expect([committing.state(), transaction.state]).toEqual(['resolved', 'committed'])
    expect(coordinator.ends).toHaveLength(1)
    await begin()
  })

  it('say that nobody knows when no coordinator answers a commit, which may be asked again', async () => {
    const { fake, coordinator, clock, beginWithRecords } = stage({ apiTimeoutMs: 1000 })
    const transaction = await beginWithRecords()
    fake.always(EndTxn, () => 'close')
    const committing = watch(transaction.commit())
    await clock.advance(3000)
    expect(committing.error()).toMatchObject({ code: 'OUTCOME_UNKNOWN' })
    expect(transaction.state).toBe('in-doubt')
    await expect(transaction.abort()).rejects.toMatchObject({ code: 'CLOSED' })
    fake.always(EndTxn, (request, { version }) => coordinator.end(request, version))
    const again = watch(transaction.commit())
    await clock.advance(1500)
    expect([again.state(), transaction.state]).toEqual(['resolved', 'committed'])
  })

  it('find out what became of one whose scope was left in doubt, before the next begins', async () => {
    const { fake, coordinator, clock, producer, beginWithRecords } = stage({ apiTimeoutMs: 1000 })
    const transaction = await beginWithRecords()
    fake.always(EndTxn, () => 'close')
    watch(transaction.commit())
    await clock.advance(3000)
    await transaction[Symbol.asyncDispose]()
    fake.always(EndTxn, (request, { version }) => coordinator.end(request, version))
    const next = watch(producer.transaction())
    await clock.advance(1500)
    expect(next.state()).toBe('resolved')
    expect(coordinator.ends).toMatchObject([{ result: 'commit', producerEpoch: 0 }])
    await expect(transaction.commit()).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN' })
  })

  it('do not know whether one was committed whose producer was fenced after the answer was lost', async () => {
    const { fake, coordinator, clock, producer, beginWithRecords } = stage()
    const transaction = await beginWithRecords()
    fake.next(EndTxn, (request, { version }) => {
      coordinator.end(request, version)
      coordinator.fence()
      return 'close'
    })
    const committing = watch(transaction.commit())
    await clock.advance(500)
    expect(committing.error()).toMatchObject({
      code: 'OUTCOME_UNKNOWN',
      cause: { code: 'FENCED' },
    })
    const next = watch(producer.transaction())
    await clock.advance(10)
    expect(next.error()).toMatchObject({ code: 'FENCED' })
  })

  it('end with their producer when a successor has its epoch', async () => {
    const { coordinator, clock, producer, beginWithRecords } = stage()
    const transaction = await beginWithRecords()
    coordinator.fence()
    const committing = watch(transaction.commit())
    await clock.advance(100)
    expect(committing.error()).toMatchObject({ code: 'FENCED' })
    expect(committing.error().message).toContain('another producer with this id has started')
    const next = watch(producer.transaction())
    await clock.advance(10)
    expect(next.error()).toMatchObject({ code: 'FENCED' })
  })

  it.each(['send', 'sendBatch'] as const)(
    'ask the coordinator whether a producer is fenced whose epoch a partition refused (%s)',
    async how => {
      const { fake, coordinator, clock, begin, producer } = stage()
      const refused = () => ({
        responses: [
          {
            name: 't',
            topicId: '',
            partitionResponses: [{ index: 0, errorCode: 47, baseOffset: -1 }],
          },
        ],
      })
      for (const isFenced of [false, true]) {
        const transaction = await begin()
        if (isFenced) coordinator.fence()
        else coordinator.timeOut()
        const topicId = fake.topics.get('t')?.topicId ?? ''
        fake.next(Produce, () => ({
          responses: refused().responses.map(response => ({ ...response, topicId })),
        }))
        const record = { topic: 't', partition: 0, value: 'v' }
        void (how === 'send' ? transaction.send(record) : transaction.sendBatch([record]))
        const committing = watch(transaction.commit())
        await clock.advance(100)
        const code = isFenced ? 'FENCED' : 'TRANSACTION_FAILED'
        const cause = isFenced ? 'PRODUCER_FENCED' : 'INVALID_PRODUCER_EPOCH'
        expect(committing.error()).toMatchObject({ code, cause: { code: cause } })
        expect(transaction.state).toBe('aborted')
      }
      const next = watch(producer.transaction())
      await clock.advance(10)
      expect(next.error()).toMatchObject({ code: 'FENCED' })
    },
  )

  it('say of one that took too long that this may be why it is fenced (v1)', async () => {
    const { coordinator, clock, beginWithRecords } = stage({
      version: 1,
      producer: { transactionTimeoutMs: 1000 },
    })
    const transaction = await beginWithRecords()
    await clock.advance(2000)
    coordinator.timeOut()
    const committing = watch(transaction.commit())
    await clock.advance(100)
    expect(committing.error().message).toMatch(
      /open for 20\d\d ms, longer than transactionTimeoutMs/,
    )
  })

  it('get another epoch after a gap in the sequence, before the next begins (v1, KIP-360)', async () => {
    const { fake, clock, done, begin, beginWithRecords, epochs } = stage({ version: 1 })
    await done((await beginWithRecords()).commit())
    const transaction = await begin()
    const topicId = fake.topics.get('t')?.topicId ?? ''
    fake.next(Produce, () => ({
      responses: [
        { name: 't', topicId, partitionResponses: [{ index: 0, errorCode: 45, baseOffset: -1 }] },
      ],
    }))
    const sent = watch(transaction.send({ topic: 't', partition: 0, value: 'gap' }))
    await clock.advance(100)
    expect(sent.error()).toMatchObject({ code: 'TRANSACTION_FAILED' })
    await done(transaction.abort())
    await done((await beginWithRecords()).commit())
    expect(epochs()).toEqual([0, 1])
    expect(fake.requestsOf(InitProducerId).at(-1)).toMatchObject({
      producerId: 77,
      producerEpoch: 0,
    })
  })

  it('take another epoch when the cluster goes over from v1 to v2', async () => {
    const { fake, done, beginWithRecords, epochs } = stage({ version: 1 })
    await done((await beginWithRecords()).commit())
    fake.features.set('transaction.version', 2)
    fake.dropConnections(1)
    await done(Promise.resolve())
    const transaction = await beginWithRecords()
    await fake.platform.clock.advance(500)
    await done(transaction.commit())
    expect(epochs()).toEqual([0, 1])
  })

  it.each(['TRANSACTION_ABORTABLE', 'INVALID_TXN_STATE'] as const)(
    'are not committed after %s, and the producer goes on',
    async error => {
      const { coordinator, clock, done, beginWithRecords } = stage()
      const transaction = await beginWithRecords()
      coordinator.refuse(EndTxn, error)
      const committing = watch(transaction.commit())
      await clock.advance(10)
      expect(committing.error()).toMatchObject({ code: 'TRANSACTION_FAILED' })
      await done(transaction.abort())
      await done((await beginWithRecords()).commit())
      expect(coordinator.ends.map(({ result }) => result)).toEqual(['abort', 'commit'])
    },
  )

  it('cannot begin for who may not use the id', async () => {
    const { coordinator, clock, producer } = stage()
    coordinator.refuse(InitProducerId, 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED')
    for (let count = 0; count < 2; count += 1) {
      const begun = watch(producer.transaction())
      await clock.advance(10)
      expect(begun.error()).toMatchObject({ code: 'PRODUCER_FAILED' })
    }
  })

  it('name the setting when the broker allows no such timeout', async () => {
    const { coordinator, clock, producer } = stage({ producer: { transactionTimeoutMs: 12_345 } })
    coordinator.refuse(InitProducerId, 'INVALID_TRANSACTION_TIMEOUT')
    const begun = watch(producer.transaction())
    await clock.advance(10)
    expect(begun.error().message).toContain('transactionTimeoutMs is 12345')
    expect(begun.error().message).toContain('transaction.max.timeout.ms')
  })

  it('add a group once, and commit its offsets as the member that read them (v1, KIP-447)', async () => {
    const { fake, coordinator, done, begin } = stage({ version: 1 })
    const transaction = await begin()
    const groupMetadata = {
      ...{ groupId: 'g', memberId: 'm', generationIdOrMemberEpoch: 5, groupInstanceId: 'i' },
    }
    for (const offset of [3, 4])
      await done(
        transaction.sendOffsets({ groupMetadata, offsets: [{ topic: 't', partition: 0, offset }] }),
      )
    await done(transaction.commit())
    expect(coordinator.offsets).toEqual(['g: t-0 3', 'g: t-0 4'])
    expect(fake.requestsOf(AddOffsetsToTxn)).toHaveLength(1)
    expect(fake.requestsOf(TxnOffsetCommit)[0]).toMatchObject({
      ...{ generationId: 5, memberId: 'm', groupInstanceId: 'i', groupId: 'g' },
    })
    expect(coordinator.ends).toMatchObject([{ partitions: ['offsets of g'] }])
  })

  it('fail with the offsets that the group refuses, and the producer goes on', async () => {
    const { coordinator, clock, done, begin } = stage()
    const transaction = await begin()
    coordinator.refuse(TxnOffsetCommit, 'ILLEGAL_GENERATION')
    const groupMetadata = {
      ...{ groupId: 'g', memberId: 'm', generationIdOrMemberEpoch: 5, groupInstanceId: null },
    }
    void transaction.sendOffsets({
      groupMetadata,
      offsets: [{ topic: 't', partition: 0, offset: 1 }],
    })
    const committing = watch(transaction.commit())
    await clock.advance(100)
    expect(committing.error()).toMatchObject({
      code: 'TRANSACTION_FAILED',
      cause: { code: 'ILLEGAL_GENERATION' },
    })
    await done(transaction.abort())
    await begin()
  })

  it('need another epoch when nobody knows whether a partition was added (v1)', async () => {
    const { fake, clock, done, begin } = stage({ version: 1, apiTimeoutMs: 1000 })
    const transaction = await begin()
    fake.always(AddPartitionsToTxn, () => 'close')
    void transaction.send({ topic: 't', partition: 0, value: 'v' })
    await clock.advance(3000)
    await done(transaction.abort())
    await begin()
    expect(fake.requestsOf(InitProducerId)).toHaveLength(2)
  })
})
