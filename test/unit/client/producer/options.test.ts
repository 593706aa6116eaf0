import { describe, expect, it } from 'vitest'
import { producerSettings } from '../../../../packages/client/src/producer/options.ts'

describe('producerSettings', () => {
  it('is idempotent with acks -1, unless told otherwise', () => {
    expect(producerSettings({})).toMatchObject({
      acks: -1,
      idempotent: true,
      compression: 'none',
      maxInFlight: 5,
    })
    expect(producerSettings({ acks: 1 }).idempotent).toBe(false)
    expect(producerSettings({ idempotent: false, maxInFlight: 50 }).maxInFlight).toBe(50)
  })

  it('refuses what cannot work, by name', () => {
    expect(() => producerSettings({ maxInFlight: 6 })).toThrow(
      'maxInFlight is 6; expected an integer from 1 to 5',
    )
    expect(() => producerSettings({ compression: 'brotli' as never })).toThrow(
      'compression is "brotli"',
    )
    expect(() => producerSettings({ partitioner: 'random' as never })).toThrow(
      'partitioner is "random"; expected a function',
    )
  })

  it('takes a transactionalId with what transactions need, and its timeout only with it', () => {
    expect(producerSettings({ transactionalId: 'x' })).toMatchObject({
      ...{ transactionalId: 'x', transactionTimeoutMs: 60_000, idempotent: true },
    })
    expect(() => producerSettings({ transactionalId: '' })).toThrow('transactionalId is ""')
    for (const wrong of [{ acks: 1 }, { idempotent: false }] as const)
      expect(() => producerSettings({ transactionalId: 'x', ...wrong })).toThrow(
        'expected acks -1 and idempotence in transactions',
      )
    expect(() => producerSettings({ transactionTimeoutMs: 5 })).toThrow(
      'transactionTimeoutMs means nothing without transactionalId',
    )
  })
})
