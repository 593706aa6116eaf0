import { describe, expect, it } from 'vitest'
import { ProducerQuota } from '../../../../packages/broker/src/log/producer-quota.ts'

describe('the quota of producer ids', () => {
  it('has room for as many as it allows, over all logs together', () => {
    const quota = new ProducerQuota({ idsMax: 3, expirationMs: 1, sweepIntervalMs: 1 })
    quota.added(2)
    expect(quota.hasRoom()).toBe(true)
    quota.added(1)
    expect([quota.hasRoom(), quota.count]).toEqual([false, 3])
    quota.removed(2)
    expect([quota.hasRoom(), quota.count]).toEqual([true, 1])
  })

  it.each([
    ['a whole number of sweeps', 1000, 250, 4],
    ['not quite that', 1001, 250, 5],
    ['less than one sweep', 10, 250, 1],
  ])(
    'holds nobody for idle before the whole time has passed: %s',
    (_, expirationMs, sweepIntervalMs, sweeps) => {
      const quota = new ProducerQuota({ idsMax: 1, expirationMs, sweepIntervalMs })
      const used = quota.sweep
      for (let sweep = 0; sweep < sweeps; sweep++) quota.nextSweep()
      expect(quota.isExpired(used)).toBe(false)
      quota.nextSweep()
      expect(quota.isExpired(used)).toBe(true)
      expect(quota.isExpired(quota.sweep)).toBe(false)
    },
  )
})
