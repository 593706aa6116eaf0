import { describe, expect, it } from 'vitest'
import { inParallel } from '../../../../packages/broker/src/replication/in-parallel.ts'

describe('work in parallel', () => {
  it('is done for every item, some at once', async () => {
    let atOnce = 0
    let most = 0
    const done: number[] = []
    await inParallel([...Array(40).keys()], async item => {
      atOnce += 1
      most = Math.max(most, atOnce)
      await Promise.resolve()
      atOnce -= 1
      done.push(item)
    })
    expect(done).toHaveLength(40)
    expect(most).toBe(16)
  })

  it('goes on after a failure, and tells it at the end', async () => {
    const done: number[] = []
    const work = async (item: number) => {
      if (item === 1) throw new Error('the second failed')
      done.push(item)
    }
    await expect(inParallel([0, 1, 2, 3], work)).rejects.toThrow('the second failed')
    expect(done).toEqual([0, 2, 3])
  })
})
