import { describe, expect, it } from 'vitest'
import type { Accumulator } from '../../../../packages/client/src/producer/accumulator.ts'
import { Flushes } from '../../../../packages/client/src/producer/flushes.ts'
import { watch } from '../../../support/fake-client.ts'
import { FakeClock } from '../../../support/fake-platform.ts'

function flushing() {
  const state = { nextNumber: 0, lowest: Number.POSITIVE_INFINITY }
  const accumulator = {
    get nextNumber() {
      return state.nextNumber
    },
    lowestUnsettled: () => state.lowest,
  } as Accumulator
  return { state, flushes: new Flushes(accumulator), clock: new FakeClock() }
}

describe('Flushes', () => {
  it('have nothing to wait for when everything is settled', () => {
    const { flushes } = flushing()
    expect(flushes.wait()).toBeUndefined()
    expect(flushes.isAny).toBe(false)
  })

  it('wait for what was taken before them, and for nothing later', async () => {
    const { state, flushes, clock } = flushing()
    Object.assign(state, { nextNumber: 2, lowest: 0 })
    const first = watch(flushes.wait() ?? Promise.resolve())
    state.nextNumber = 5
    const second = watch(flushes.wait() ?? Promise.resolve())
    state.lowest = 3
    flushes.settle()
    await clock.settle()
    expect([first.state(), second.state(), flushes.isAny]).toEqual(['resolved', 'pending', true])
    flushes.close()
    await clock.settle()
    expect([second.state(), flushes.isAny]).toEqual(['resolved', false])
  })
})
