import { describe, expect, it } from 'vitest'
import { WakeUp } from '../../../packages/client/src/wake-up.ts'
import { FakeClock } from '../../support/fake-platform.ts'

describe('WakeUp', () => {
  it('fires once, at the earliest moment that was asked for', async () => {
    const clock = new FakeClock()
    const fired: number[] = []
    const wakeUp = new WakeUp(clock, () => fired.push(clock.monotonic()))
    wakeUp.at(500)
    wakeUp.at(200)
    wakeUp.at(300)
    expect(clock.pendingTimers).toBe(1)
    await clock.advance(1000)
    expect(fired).toEqual([200])
    wakeUp.at(1500)
    wakeUp.cancel()
    await clock.advance(1000)
    expect(fired).toEqual([200])
  })
})
