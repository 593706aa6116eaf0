import { EndTxn, Produce } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import {
  type ExactlyOnceOptions,
  exactlyOnce,
} from '../../../../packages/client/src/transaction/exactly-once.ts'
import { FakeCluster } from '../../../support/fake-broker.ts'
import { settingsFor, watch } from '../../../support/fake-client.ts'
import { FakeGroup } from '../../../support/fake-group.ts'
import { FakeTransactions } from '../../../support/fake-transactions.ts'
import { batchOf } from '../../../support/record-batches.ts'

function beginning(options: Partial<ExactlyOnceOptions> = {}) {
  const fake = new FakeCluster()
  fake.addTopic('t', 1)
  new FakeGroup(fake)
  const coordinator = new FakeTransactions(fake, { version: 2 })
  const begin = (more: object = {}) =>
    exactlyOnce(settingsFor(fake, { apiTimeoutMs: 1000 }), {
      consumer: { groupId: 'g', topics: ['t'] },
      producer: { transactionalId: 'x' },
      eachBatch: () => undefined,
      ...options,
      ...more,
    })
  return { fake, coordinator, begin, clock: fake.platform.clock }
}

describe('exactlyOnce', () => {
  it('needs a group, a transactionalId and a handler, and leaves the commits to the transactions', async () => {
    const { begin } = beginning()
    await expect(begin({ consumer: { topics: ['t'] } })).rejects.toThrow('consumer.groupId')
    await expect(begin({ producer: {} })).rejects.toThrow('producer.transactionalId')
    await expect(begin({ eachBatch: undefined })).rejects.toThrow('eachBatch is missing')
    await expect(begin({ each: () => undefined })).rejects.toThrow('there is no option each')
    const consumer = { groupId: 'g', topics: ['t'], commit: 'after-handling' }
    await expect(begin({ consumer })).rejects.toThrow('leave consumer.commit out')
  })

  it('does nothing when it was stopped before', async () => {
    const { fake, begin } = beginning({ signal: AbortSignal.abort() })
    await begin()
    expect(fake.requests).toEqual([])
  })

  it('fences its predecessor before it reads anything', async () => {
    const { fake, begin, clock } = beginning()
    const stopping = new AbortController()
    const running = watch(begin({ signal: stopping.signal }))
    await clock.advance(50)
    const names = fake.requests.map(({ api }) => api)
    expect(names.indexOf('InitProducerId')).toBeGreaterThan(0)
    expect(names.slice(0, names.indexOf('InitProducerId'))).not.toContain('Fetch')
    stopping.abort()
    await clock.advance(20_000)
    expect(running.state()).toBe('resolved')
  })

  const stopping = async (options: { readonly handlerMs: number; readonly isSilent: boolean }) => {
    const { fake, coordinator, begin, clock } = beginning()
    fake.append('t', 0, batchOf({ values: ['a'], timestamp: 1000 }))
    const stop = new AbortController()
    const eachBatch: ExactlyOnceOptions['eachBatch'] = (_, transaction) => {
      void transaction.send({ topic: 't', partition: 0, value: 'b' })
      return new Promise<void>(resolve => void clock.after(options.handlerMs, () => resolve()))
    }
    const consumer = {
      ...{ groupId: 'g', topics: ['t'], startAt: 'earliest', groupProtocol: 'classic' },
      stopTimeoutMs: 1000,
    } as const
    const running = watch(begin({ consumer, eachBatch, signal: stop.signal }))
    await clock.advance(500)
    expect(fake.requestsOf(Produce)).toHaveLength(1)
    if (options.isSilent) fake.always(EndTxn, () => 'silence')
    stop.abort()
    await clock.advance(1010)
    expect(running.state()).toBe('resolved')
    return { fake, coordinator }
  }

  it('stops within stopTimeoutMs, though a handler hangs and nobody takes its transaction back', async () => {
    const { fake } = await stopping({ handlerMs: 1_000_000, isSilent: true })
    expect(fake.requestsOf(EndTxn)).toMatchObject([{ committed: false }])
  })

  it('takes the transaction of a handler back that is too late, and commits what is in time', async () => {
    for (const [handlerMs, result] of [
      [600, 'commit'],
      [1300, 'abort'],
    ] as const) {
      const { coordinator } = await stopping({ handlerMs, isSilent: false })
      expect(coordinator.ends).toMatchObject([{ result }])
    }
  })
})
