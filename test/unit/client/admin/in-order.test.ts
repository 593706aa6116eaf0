import { describe, expect, it } from 'vitest'
import { inOrder } from '../../../../packages/client/src/admin/in-order.ts'

const itself = (item: string): string => item

describe('inOrder', () => {
  it('puts results in the order of what was asked', () => {
    expect(inOrder(['c', 'a', 'b'], ['a', 'b', 'c'], itself)).toEqual(['c', 'a', 'b'])
  })

  it('leaves out what was not answered', () => {
    expect(inOrder(['c', 'a', 'b'], ['b', 'c'], itself)).toEqual(['c', 'b'])
  })

  it('puts what nobody asked for last, in the order of the answer', () => {
    expect(inOrder(['b'], ['y', 'b', 'x'], itself)).toEqual(['b', 'y', 'x'])
  })

  it('leaves the answer as it was', () => {
    const results = ['a', 'b']
    inOrder(['b', 'a'], results, itself)
    expect(results).toEqual(['a', 'b'])
  })
})
