import { Produce } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { Producer } from '../../../../packages/client/src/producer/producer.ts'
import { FakeCluster } from '../../../support/fake-broker.ts'
import { settingsFor, watch } from '../../../support/fake-client.ts'
import { FakeTransactions } from '../../../support/fake-transactions.ts'

function stage() {
  const fake = new FakeCluster()
  fake.addTopic('t', 2)
  const coordinator = new FakeTransactions(fake, { version: 2 })
  const producer = new Producer(settingsFor(fake), { transactionalId: 'x', lingerMs: 1000 })
  const { clock } = fake.platform
  const done = async <T>(promise: Promise<T>) => {
    const watched = watch(promise)
    await clock.advance(10)
    return watched.value()
  }
  return { fake, coordinator, producer, clock, done, begin: () => done(producer.transaction()) }
}

describe('Transaction', () => {
  it('is committed when all that was sent is written, without lingering', async () => {
    const { fake, coordinator, done, begin } = stage()
    const transaction = await begin()
    const sent = watch(transaction.send({ topic: 't', partition: 0, value: 'a' }))
    const many = watch(transaction.sendBatch([{ topic: 't', partition: 1, value: 'b' }]))
    expect(await done(transaction.sendBatch([]))).toEqual([])
    await done(transaction.commit())
    expect(sent.value()).toMatchObject({ topic: 't', partition: 0, offset: 0 })
    expect(many.value()).toMatchObject([{ partition: 1, baseOffset: 0, recordsCount: 1 }])
    expect([fake.values('t', 0), fake.values('t', 1)]).toEqual([['a'], ['b']])
    expect([coordinator.ends.length, transaction.state]).toEqual([1, 'committed'])
    await done(transaction.commit())
    expect(coordinator.ends).toHaveLength(1)
  })

  it('does not send what waits when it is aborted', async () => {
    const { fake, coordinator, done, begin } = stage()
    const transaction = await begin()
    const unsent = watch(transaction.send({ topic: 't', partition: 0, value: 'a' }))
    await done(transaction.abort())
    expect(unsent.error()).toMatchObject({ code: 'CLOSED' })
    expect([fake.requestsOf(Produce), coordinator.ends]).toEqual([[], []])
    expect(transaction.state).toBe('aborted')
  })

  it('is aborted when what was sent is under way, once that is answered', async () => {
    const { fake, coordinator, clock, producer, begin } = stage()
    const transaction = await begin()
    fake.next(Produce, () => 'silence')
    watch(transaction.send({ topic: 't', partition: 0, value: 'a' }))
    watch(producer.flush())
    await clock.advance(10)
    const aborting = watch(transaction.abort())
    await clock.advance(1000)
    expect([aborting.state(), coordinator.ends.length]).toEqual(['pending', 0])
    await clock.advance(31_000)
    expect([aborting.state(), coordinator.ends.length]).toEqual(['resolved', 1])
  })

  it('is aborted by leaving its scope, also while an error is on its way', async () => {
    const { fake, coordinator, producer, clock } = stage()
    const leaving = watch(
      (async () => {
        await using transaction = await producer.transaction()
        await transaction.send({ topic: 't', partition: 0, value: 'a' })
        throw new Error('something else')
      })(),
    )
    await clock.advance(2000)
    expect(leaving.error().message).toBe('something else')
    expect(fake.values('t', 0)).toEqual(['a'])
    expect(coordinator.ends).toMatchObject([{ result: 'abort' }])
  })

  it('takes nothing more after its end', async () => {
    const { done, begin } = stage()
    const committed = await begin()
    await done(committed.commit())
    const aborted = await begin()
    await done(aborted.abort())
    await done(aborted.abort())
    for (const transaction of [committed, aborted]) {
      for (const refused of [
        transaction.send({ topic: 't', value: 'late' }),
        transaction.sendBatch([{ topic: 't', value: 'late' }]),
        transaction.sendOffsets({ groupMetadata: {} as never, offsets: [] }),
      ])
        await expect(refused).rejects.toMatchObject({ code: 'CLOSED' })
    }
    await expect(committed.abort()).rejects.toThrow('is committed; begin another one')
    await expect(aborted.commit()).rejects.toThrow('is aborted; begin another one')
  })

  it('cannot be committed when one record was not written, and says which error was first', async () => {
    const { fake, coordinator, clock, done, begin } = stage()
    const transaction = await begin()
    const topicId = fake.topics.get('t')?.topicId ?? ''
    fake.next(Produce, () => ({
      responses: [
        { name: 't', topicId, partitionResponses: [{ index: 0, errorCode: 29, baseOffset: -1 }] },
      ],
    }))
    const first = watch(transaction.send({ topic: 't', partition: 0, value: 'a' }))
    const committing = watch(transaction.commit())
    await clock.advance(100)
    for (const { error } of [first, committing])
      expect(error()).toMatchObject({
        code: 'TRANSACTION_FAILED',
        cause: { code: 'TOPIC_AUTHORIZATION_FAILED' },
      })
    await expect(transaction.send({ topic: 't', value: 'b' })).rejects.toMatchObject({
      code: 'CLOSED',
    })
    await done(transaction.abort())
    expect(coordinator.ends).toMatchObject([{ result: 'abort' }])
  })

  it('cannot be committed after a record that nobody could send', async () => {
    const { clock, begin } = stage()
    const transaction = await begin()
    const bad = watch(transaction.send({ topic: 't', value: undefined as never }))
    const after = watch(transaction.send({ topic: 't', value: 'b' }))
    const committing = watch(transaction.commit())
    await clock.advance(10)
    expect(bad.error()).toMatchObject({ code: 'INVALID_CONFIG' })
    expect(after.error()).toMatchObject({ code: 'TRANSACTION_FAILED' })
    expect(committing.error()).toMatchObject({
      code: 'TRANSACTION_FAILED',
      cause: { code: 'INVALID_CONFIG' },
    })
  })

  it('refuses an offset that is none', async () => {
    const { begin } = stage()
    const transaction = await begin()
    const groupMetadata = {
      ...{ groupId: 'g', memberId: '', generationIdOrMemberEpoch: -1, groupInstanceId: null },
    }
    const offsets = [{ topic: 't', partition: 0, offset: -3 }]
    await expect(transaction.sendOffsets({ groupMetadata, offsets })).rejects.toThrow(
      'offset is -3; expected an offset of at least 0',
    )
  })

  it('waits for its turn: a producer has one at a time', async () => {
    const { producer, clock, done, begin } = stage()
    const first = await begin()
    const second = watch(producer.transaction())
    await clock.advance(100)
    expect(second.state()).toBe('pending')
    await done(first.commit())
    expect(second.state()).toBe('resolved')
    const third = watch(producer.transaction())
    await clock.advance(61_000)
    expect(third.error()).toMatchObject({ code: 'TIMED_OUT' })
    expect(third.error().message).toContain('one at a time')
  })

  it('is aborted when its producer is closed, and whoever waits learns that', async () => {
    const { coordinator, producer, clock, begin } = stage()
    const transaction = await begin()
    watch(transaction.send({ topic: 't', partition: 0, value: 'a' }))
    await clock.advance(1100)
    const waiting = watch(producer.transaction())
    const closing = watch(producer.close())
    await clock.advance(100)
    expect([closing.state(), transaction.state]).toEqual(['resolved', 'aborted'])
    expect(waiting.error()).toMatchObject({ code: 'CLOSED' })
    expect(coordinator.ends).toMatchObject([{ result: 'abort' }])
  })

  it('is open with no producer that is closed, however far its beginning was', async () => {
    for (let steps = 0; steps < 40; steps += 1) {
      const { producer, clock, done } = stage()
      await done(producer.initTransactions())
      const opening = watch(producer.transaction())
      for (let step = 0; step < steps; step += 1) await Promise.resolve()
      const closing = watch(producer.close())
      await clock.advance(100)
      expect(closing.state()).toBe('resolved')
      const isOpen = opening.state() === 'resolved' && opening.value().state === 'open'
      expect([steps, opening.state() === 'pending' || isOpen]).toEqual([steps, false])
    }
  })

  it('needs a producer with a transactionalId, which sends nothing outside of it', async () => {
    const { fake, producer } = stage()
    await expect(producer.send({ topic: 't', value: 'a' })).rejects.toThrow('transaction.send')
    await expect(producer.sendBatch([{ topic: 't', value: 'a' }])).rejects.toThrow(
      'transactionalId',
    )
    const plain = new Producer(settingsFor(fake), {})
    await expect(plain.transaction()).rejects.toThrow('this producer has no transactionalId')
  })
})
