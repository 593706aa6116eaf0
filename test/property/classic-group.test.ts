import fc from 'fast-check'
import { describe, it } from 'vitest'
import { ClassicWalk, type WalkStep } from '../support/classic-walk.ts'

const client = fc.nat({ max: 4 })
const stepOf = (type: 'act' | 'crash' | 'leave' | 'pause' | 'change' | 'commit') =>
  fc.record({ type: fc.constant(type), client })

const step: fc.Arbitrary<WalkStep> = fc.oneof(
  { weight: 12, arbitrary: stepOf('act') },
  { weight: 3, arbitrary: stepOf('commit') },
  { weight: 1, arbitrary: stepOf('crash') },
  { weight: 1, arbitrary: stepOf('leave') },
  { weight: 1, arbitrary: stepOf('pause') },
  { weight: 1, arbitrary: stepOf('change') },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant('advance' as const),
      ms: fc.constantFrom(1, 500, 3_000, 9_999, 10_000, 30_000, 60_000),
    }),
  },
  { weight: 2, arbitrary: fc.constant({ type: 'restart' } as const) },
)

const clients = fc.array(
  fc.record({ isStatic: fc.boolean(), apiVersion: fc.constantFrom(3, 5, 8, 9) }),
  { minLength: 1, maxLength: 5 },
)

describe('classic groups, walked', () => {
  it('keep one assignment for each generation, lose nobody, and come to rest', () => {
    fc.assert(
      fc.property(
        clients,
        fc.array(step, { maxLength: 80 }),
        fc.constantFrom(0, 0, 3_000),
        (members, steps, initialRebalanceDelayMs) => {
          const named = members.map(({ isStatic, apiVersion }, place) => ({
            instanceId: isStatic && apiVersion >= 5 ? `instance ${place}` : null,
            apiVersion,
          }))
          const walk = new ClassicWalk(named, { initialRebalanceDelayMs })
          for (const next of steps) walk.step(next)
          walk.converge()
        },
      ),
      { numRuns: 1000 },
    )
  })
})
