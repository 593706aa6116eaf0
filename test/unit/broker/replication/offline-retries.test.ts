import { describe, expect, it } from 'vitest'
import { MemoryClock } from '../../../../packages/broker/src/memory/clock.ts'
import { OfflineRetries } from '../../../../packages/broker/src/replication/offline-retries.ts'
import { settle } from '../../../support/journal-world.ts'

/** Three partitions that are offline for as long as `isShort`. */
function given() {
  const clock = new MemoryClock({ now: 0 })
  const bugs: Error[] = []
  const retries = new OfflineRetries(clock, error => void bugs.push(error))
  const tried: string[] = []
  const state = { isShort: true, leftToDo: Number.POSITIVE_INFINITY }
  const add = (key: string): 'new' | 'known' =>
    retries.add(key, async () => {
      tried.push(key)
      if (state.isShort || state.leftToDo-- <= 0) expect(add(key)).toBe('known')
    })
  for (const key of ['a', 'b', 'c']) expect(add(key)).toBe('new')
  const pass = async (ms: number) => {
    clock.advance(ms)
    await settle()
    return tried.splice(0)
  }
  return { retries, state, add, pass, bugs, tried }
}

describe('partitions that are offline for a passing reason', () => {
  it('are tried one at a time while it lasts, each in its turn', async () => {
    const { pass } = given()
    expect(await pass(499)).toEqual([])
    expect(await pass(1)).toEqual(['a'])
    expect(await pass(499)).toEqual([])
    expect([await pass(1), await pass(500), await pass(500)]).toEqual([['b'], ['c'], ['a']])
  })

  it('are tried until one fails again, and no more when none is left', async () => {
    const { state, pass } = given()
    state.isShort = false
    state.leftToDo = 1
    expect(await pass(500)).toEqual(['a', 'b'])
    state.leftToDo = 9
    expect(await pass(500)).toEqual(['c', 'b'])
    expect(await pass(60_000)).toEqual([])
  })

  it('are new again once they were there', async () => {
    const { state, add, pass } = given()
    state.isShort = false
    await pass(500)
    expect(add('a')).toBe('new')
    expect(await pass(500)).toEqual(['a'])
  })

  it('are left alone when they are gone, or the broker ends', async () => {
    const { retries, pass } = given()
    retries.forget('a')
    expect(await pass(500)).toEqual(['b'])
    retries.close()
    expect(await pass(60_000)).toEqual([])
  })

  it('report a bug, and nothing is tried for a moment', async () => {
    const { retries, state, pass, bugs, tried } = given()
    for (const key of ['a', 'b', 'c']) retries.forget(key)
    retries.add('bad', () => Promise.reject(new Error('a bug')))
    await pass(500)
    expect(bugs.map(({ message }) => message)).toEqual(['a bug'])
    state.isShort = false
    retries.add('d', async () => void tried.push('d'))
    expect(await pass(500)).toEqual(['d'])
  })
})
