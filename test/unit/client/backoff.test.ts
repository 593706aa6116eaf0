import { describe, expect, it } from 'vitest'
import { backoffAfter, backoffMs, sleep } from '../../../packages/client/src/backoff.ts'
import { ProtocolError } from '../../../packages/client/src/errors.ts'
import { watch } from '../../support/fake-client.ts'
import { FakePlatform } from '../../support/fake-platform.ts'

const settings = { firstMs: 100, maxMs: 1000 }

describe('backoffMs', () => {
  it('doubles up to the maximum, a fifth up or down', () => {
    const lowest = { below: () => 0 }
    const highest = { below: (bound: number) => bound - 1 }
    const range = (failures: number) => [
      backoffMs(settings, failures, lowest),
      backoffMs(settings, failures, highest),
    ]
    expect(range(1)).toEqual([80, 120])
    expect(range(2)).toEqual([160, 240])
    expect(range(5)).toEqual([800, 1200])
    expect(range(1000)).toEqual([800, 1200])
  })
})

describe('backoffAfter', () => {
  it('begins sooner where a transaction is about to end, and never later than was set', () => {
    const early = new ProtocolError('CONCURRENT_TRANSACTIONS', 'asking')
    expect(backoffAfter(early, settings)).toEqual({ firstMs: 20, maxMs: 1000 })
    expect(backoffAfter(early, { firstMs: 5, maxMs: 9 })).toEqual({ firstMs: 5, maxMs: 9 })
    expect(backoffAfter(new ProtocolError('NOT_COORDINATOR', 'asking'), settings)).toBe(settings)
    expect(backoffAfter(undefined, settings)).toBe(settings)
  })
})

describe('sleep', () => {
  const platform = () => new FakePlatform(() => undefined)

  it('resolves after its time', async () => {
    const machine = platform()
    const slept = watch(sleep(machine, 100))
    await machine.clock.advance(99)
    expect(slept.state()).toBe('pending')
    await machine.clock.advance(1)
    expect(slept.state()).toBe('resolved')
  })

  it('rejects when its signal aborts, and leaves no timer', async () => {
    const machine = platform()
    const abort = new AbortController()
    const slept = watch(sleep(machine, 100, abort.signal))
    abort.abort(new Error('enough'))
    await machine.clock.settle()
    expect(slept.error().message).toBe('enough')
    expect(machine.clock.pendingTimers).toBe(0)
    await expect(sleep(machine, 1, abort.signal)).rejects.toThrow('enough')
  })
})
