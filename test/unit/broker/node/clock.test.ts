import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { NodeClock } from '../../../../packages/broker/src/node/clock.ts'

const fail = (error: Error): never => {
  throw error
}

describe('the real clock', () => {
  afterEach(() => vi.useRealTimers())

  it('fires a timer once, not before its time', async () => {
    const clock = new NodeClock(fail)
    const since = clock.monotonic()
    await new Promise<void>(resolve => clock.after(20, resolve))
    expect(clock.monotonic() - since).toBeGreaterThanOrEqual(20)
  })

  it('fires in the order of deadlines, and not what was cancelled', async () => {
    const clock = new NodeClock(fail)
    const fired: string[] = []
    clock.after(30, () => fired.push('late'))
    clock.after(5, () => fired.push('cancelled')).cancel()
    clock.after(10, () => fired.push('early'))
    await new Promise<void>(resolve => clock.after(50, resolve))
    expect(fired).toEqual(['early', 'late'])
  })

  it('goes on beside a test that installs fake timers', async () => {
    const clock = new NodeClock(fail)
    vi.useFakeTimers()
    await new Promise<void>(resolve => clock.after(5, resolve))
    await new Promise<void>(resolve => clock.endOfTurn(resolve))
    expect(clock.now()).toBeGreaterThan(1_700_000_000_000)
  })

  it('hands what a timer throws to its owner and runs the others', async () => {
    const errors: Error[] = []
    const clock = new NodeClock(error => errors.push(error))
    clock.endOfTurn(() => fail(new Error('first')))
    await new Promise<void>(resolve => clock.endOfTurn(resolve))
    clock.after(1, () => fail(new Error('second')))
    await new Promise<void>(resolve => clock.after(5, resolve))
    expect(errors.map(error => error.message)).toEqual(['first', 'second'])
  })

  it('ends a turn after the bytes at hand, with what its callbacks ask for', async () => {
    const clock = new NodeClock(fail)
    const order: string[] = []
    const server = createServer(socket => {
      socket.on('data', () => {
        order.push('bytes')
        clock.endOfTurn(() => {
          order.push('end of turn')
          clock.endOfTurn(() => order.push('end of turn, second round'))
        })
        clock.after(0, () => order.push('timer'))
      })
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    const client = connect(
      typeof address === 'object' && address !== null ? address.port : 0,
      '127.0.0.1',
    )
    client.write('x')
    await new Promise<void>(resolve => clock.after(50, resolve))
    client.destroy()
    server.close()
    expect(order).toEqual(['bytes', 'end of turn', 'end of turn, second round', 'timer'])
  })
})
