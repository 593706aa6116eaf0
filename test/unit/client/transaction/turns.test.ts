import { describe, expect, it } from 'vitest'
import { ClosedError } from '../../../../packages/client/src/errors.ts'
import { Turns } from '../../../../packages/client/src/transaction/turns.ts'
import { watch } from '../../../support/fake-client.ts'
import { FakeClock } from '../../../support/fake-platform.ts'

function taking() {
  const clock = new FakeClock()
  const turns = new Turns(clock)
  const take = (timeoutMs = 1000, signal?: AbortSignal) =>
    watch(turns.take('it took too long', timeoutMs, signal))
  return { clock, turns, take }
}

describe('Turns', () => {
  it('come in the order in which they were asked for', async () => {
    const { clock, turns, take } = taking()
    const taken = [take(), take(), take()]
    const states = () => taken.map(one => one.state())
    await clock.settle()
    expect(states()).toEqual(['resolved', 'pending', 'pending'])
    turns.end()
    await clock.settle()
    expect(states()).toEqual(['resolved', 'resolved', 'pending'])
    turns.end()
    turns.end()
    const next = take()
    await clock.settle()
    expect([...states(), next.state()]).toEqual(Array.from({ length: 4 }, () => 'resolved'))
  })

  it('are not waited for longer than was said', async () => {
    const { clock, turns, take } = taking()
    take()
    const late = take(500)
    const patient = take(5000)
    await clock.advance(600)
    expect(late.error()).toMatchObject({ code: 'TIMED_OUT', message: 'it took too long' })
    turns.end()
    await clock.settle()
    expect(patient.state()).toBe('resolved')
  })

  it('are given up with the signal', async () => {
    const { clock, turns, take } = taking()
    take()
    const stopping = new AbortController()
    const given = take(1000, stopping.signal)
    stopping.abort(new Error('enough'))
    const late = take(1000, stopping.signal)
    await clock.settle()
    expect([given.error().message, late.error().message]).toEqual(['enough', 'enough'])
    expect(clock.pendingTimers).toBe(0)
    turns.end()
    const next = take()
    await clock.settle()
    expect(next.state()).toBe('resolved')
  })

  it('end for all when it is closed', async () => {
    const { clock, turns, take } = taking()
    take()
    const waiting = take()
    turns.close(new ClosedError('the producer is closed'))
    const late = take()
    await clock.settle()
    expect([waiting.error().code, late.error().code]).toEqual(['CLOSED', 'CLOSED'])
  })
})
