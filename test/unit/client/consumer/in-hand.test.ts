import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { InHand } from '../../../../packages/client/src/consumer/in-hand.ts'

describe('InHand', () => {
  it('knows the first offset that is not handled, whatever the order of handling', () => {
    const inHand = new InHand()
    for (const offset of [3, 5, 8]) inHand.add(offset)
    inHand.handled(5)
    expect([inHand.firstOffset, inHand.length, inHand.isBusy]).toEqual([3, 3, true])
    inHand.handled(3)
    expect([inHand.firstOffset, inHand.length]).toEqual([8, 1])
    inHand.handled(8)
    expect([inHand.firstOffset, inHand.length, inHand.isBusy]).toEqual([undefined, 0, false])
  })

  it('does not wait for what was abandoned, and does not count it as handled', () => {
    const inHand = new InHand()
    inHand.add(4)
    inHand.abandon(4)
    expect([inHand.firstOffset, inHand.isBusy]).toEqual([4, false])
    inHand.handled(4)
    expect(inHand.firstOffset).toBeUndefined()
  })

  it('knows how far the reader itself has committed, which never goes back', () => {
    const inHand = new InHand()
    expect(inHand.committedUpTo).toBe(-1)
    inHand.add(4)
    inHand.committed(6)
    inHand.committed(5)
    expect([inHand.committedUpTo, inHand.firstOffset]).toEqual([6, 4])
  })

  it('agrees with a list that is searched', () => {
    const step = fc.record({ what: fc.constantFrom('add', 'handled', 'abandon'), at: fc.nat(20) })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), steps => {
        const inHand = new InHand()
        let list: { offset: number; isAbandoned: boolean; isHandled: boolean }[] = []
        let next = 0
        for (const { what, at } of steps) {
          if (what === 'add') {
            next += 1 + (at % 3)
            inHand.add(next)
            list.push({ offset: next, isAbandoned: false, isHandled: false })
          } else {
            const entry = list[at % (list.length || 1)]
            if (entry === undefined) continue
            if (what === 'handled') {
              inHand.handled(entry.offset)
              entry.isHandled = true
            } else {
              inHand.abandon(entry.offset)
              if (!entry.isHandled) entry.isAbandoned = true
            }
          }
          while (list[0]?.isHandled) list = list.slice(1)
          expect(inHand.firstOffset).toBe(list[0]?.offset)
          expect(inHand.isBusy).toBe(list.some(one => !one.isHandled && !one.isAbandoned))
        }
      }),
    )
  })
})
