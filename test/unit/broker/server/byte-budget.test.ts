import { describe, expect, it } from 'vitest'
import { ByteBudget } from '../../../../packages/broker/src/server/byte-budget.ts'

describe('a byte budget', () => {
  it('wakes those who wait for room once, when there is some', () => {
    const budget = new ByteBudget(100)
    const woken: string[] = []
    budget.take(150)
    expect(budget.isExhausted).toBe(true)
    budget.waitForRoom(() => woken.push('a'))
    const b = () => woken.push('b')
    budget.waitForRoom(b)
    budget.forget(b)
    budget.give(50)
    expect(woken).toEqual([])
    budget.give(1)
    budget.give(1)
    expect(woken).toEqual(['a'])
    expect(budget.used).toBe(98)
  })
})
