import { describe, expect, it } from 'vitest'
import { ChangeSignal } from '../../../packages/client/src/change-signal.ts'

describe('ChangeSignal', () => {
  it('wakes all who wait, and only by what comes after they began to wait', async () => {
    const signal = new ChangeSignal()
    signal.fire()
    const woken: string[] = []
    const waits = ['a', 'b'].map(name => signal.next().then(() => woken.push(name)))
    await Promise.resolve()
    expect(woken).toEqual([])
    signal.fire()
    await Promise.all(waits)
    expect(woken).toEqual(['a', 'b'])
  })
})
