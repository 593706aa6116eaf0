import { describe, expect, it } from 'vitest'
import {
  type ExactlyOnceOptions,
  exactlyOnce,
} from '../../../../packages/client/src/transaction/exactly-once.ts'
import { FakeCluster } from '../../../support/fake-broker.ts'
import { settingsFor, watch } from '../../../support/fake-client.ts'
import { FakeGroup } from '../../../support/fake-group.ts'
import { FakeTransactions } from '../../../support/fake-transactions.ts'

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
})
