import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TimerWheel } from '../../../../packages/broker/src/node/timer-wheel.ts'

type Step =
  | { readonly type: 'add'; readonly delay: number }
  | { readonly type: 'cancel'; readonly which: number }
  | { readonly type: 'advance'; readonly by: number }

const delay = fc.oneof(fc.nat(5), fc.nat(130), fc.nat(10_000), fc.nat(400_000), fc.nat(40_000_000))
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ type: fc.constant('add' as const), delay }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('cancel' as const), which: fc.nat(50) }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('advance' as const), by: delay }) },
)

describe('a timer wheel', () => {
  it('fires what a sorted list would fire, in the order of due ticks', () => {
    fc.assert(
      fc.property(fc.nat(1_000_000), fc.array(step, { maxLength: 60 }), (start, steps) => {
        const wheel = new TimerWheel(start)
        let now = start
        let added = 0
        const fired: number[] = []
        const model: { readonly id: number; readonly due: number }[] = []
        const timers: { readonly id: number; readonly cancel: () => void }[] = []
        for (const action of steps) {
          switch (action.type) {
            case 'add': {
              const id = added++
              const due = Math.max(now + action.delay, now + 1)
              const timer = wheel.add(now + action.delay, () => fired.push(id))
              timers.push({ id, cancel: () => timer.cancel() })
              model.push({ id, due })
              break
            }
            case 'cancel': {
              const timer = timers[action.which]
              if (timer === undefined) break
              timer.cancel()
              const place = model.findIndex(({ id }) => id === timer.id)
              if (place >= 0) model.splice(place, 1)
              break
            }
            case 'advance': {
              now += action.by
              const due = model.filter(timer => timer.due <= now)
              for (const timer of due) model.splice(model.indexOf(timer), 1)
              fired.length = 0
              wheel.advance(now, fire => fire())
              const dueTicks = new Map(due.map(timer => [timer.id, timer.due]))
              expect([...fired].sort((one, other) => one - other)).toEqual(
                due.map(({ id }) => id).sort((one, other) => one - other),
              )
              const ticks = fired.map(id => dueTicks.get(id) ?? -1)
              expect(ticks).toEqual([...ticks].sort((one, other) => one - other))
            }
          }
          expect(wheel.size).toBe(model.length)
          const next = wheel.nextTick()
          if (model.length === 0) expect(next).toBeUndefined()
          else {
            const earliest = Math.min(...model.map(timer => timer.due))
            expect(next).toBeLessThanOrEqual(Math.max(earliest, now + 1))
            expect(next).toBeGreaterThan(now)
          }
        }
      }),
      { numRuns: 300 },
    )
  })

  it('fires a timer that a timer added on a later advance only', () => {
    const wheel = new TimerWheel(0)
    const fired: string[] = []
    wheel.add(5, () => {
      fired.push('first')
      wheel.add(5, () => fired.push('second'))
    })
    wheel.advance(5, fire => fire())
    expect(fired).toEqual(['first'])
    wheel.advance(6, fire => fire())
    expect(fired).toEqual(['first', 'second'])
  })
})
