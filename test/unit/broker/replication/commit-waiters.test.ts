import { describe, expect, it } from 'vitest'
import { CommitWaiters } from '../../../../packages/broker/src/replication/commit-waiters.ts'

describe('those who wait for the high watermark', () => {
  it('are answered in the order of their offsets, also the late one that waits for an early offset', () => {
    const waiters = new CommitWaiters()
    const done: string[] = []
    for (const [name, offset] of [
      ['a', 2],
      ['b', 5],
      ['duplicate of a', 2],
      ['c', 7],
    ] as const) {
      waiters.add(offset, error => done.push(`${name} ${error}`))
    }
    waiters.reached(1)
    expect(done).toEqual([])
    waiters.reached(5)
    expect(done).toEqual(['a NONE', 'duplicate of a NONE', 'b NONE'])
    expect(waiters.count).toBe(1)
  })

  it('fail together from a lost offset on', () => {
    const waiters = new CommitWaiters()
    const done: string[] = []
    for (const offset of [2, 5, 7]) waiters.add(offset, error => done.push(`${offset} ${error}`))
    waiters.fail(2, 'KAFKA_STORAGE_ERROR')
    expect(done).toEqual(['5 KAFKA_STORAGE_ERROR', '7 KAFKA_STORAGE_ERROR'])
    waiters.reached(9)
    expect(done.at(-1)).toBe('2 NONE')
  })
})
