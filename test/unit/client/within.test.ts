import { describe, expect, it } from 'vitest'
import { within } from '../../../packages/client/src/within.ts'
import { watch } from '../../support/fake-client.ts'
import { FakeClock } from '../../support/fake-platform.ts'

describe('within', () => {
  it('says that the work was done in time, and leaves no timer', async () => {
    const clock = new FakeClock()
    expect(await within(clock, 100, Promise.resolve(1))).toBe('done')
    expect(clock.pendingTimers).toBe(0)
  })

  it('says when it took too long', async () => {
    const clock = new FakeClock()
    const waited = watch(within(clock, 100, new Promise(() => {})))
    await clock.advance(99)
    expect(waited.state()).toBe('pending')
    await clock.advance(1)
    expect(waited.value()).toBe('too-late')
  })

  it('throws what the work throws', async () => {
    await expect(within(new FakeClock(), 100, Promise.reject(new Error('no')))).rejects.toThrow(
      'no',
    )
  })
})
