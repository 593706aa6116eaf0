import fc from 'fast-check'
import { describe, it } from 'vitest'
import { TransactionWalk, type WalkStep } from '../support/transaction-walk.ts'

const client = fc.constantFrom(0, 0, 0, 1, 2)
const acting = (
  type: 'init' | 'commit' | 'abort' | 'commit unheard' | 'abort unheard' | 'recover',
) => fc.record({ type: fc.constant(type), client })
const picking = (type: 'repeat' | 'mark') =>
  fc.record({ type: fc.constant(type), pick: fc.nat({ max: 1_000 }) })

const step: fc.Arbitrary<WalkStep> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      type: fc.constant('send' as const),
      client,
      partition: fc.nat({ max: 2 }),
    }),
  },
  { weight: 4, arbitrary: acting('commit') },
  { weight: 2, arbitrary: acting('abort') },
  { weight: 1, arbitrary: acting('commit unheard') },
  { weight: 1, arbitrary: acting('abort unheard') },
  { weight: 1, arbitrary: acting('init') },
  { weight: 1, arbitrary: acting('recover') },
  { weight: 10, arbitrary: picking('mark') },
  { weight: 3, arbitrary: picking('repeat') },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('advance' as const),
      ms: fc.constantFrom(1, 100, 30_000, 60_000),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ type: 'restart' } as const) },
)

const walk = (versions: fc.Arbitrary<(0 | 2)[]>) =>
  fc.assert(
    fc.property(
      versions,
      fc.array(step, { maxLength: 80, size: 'max' }),
      fc.constantFrom(0, 0, 32_760, 32_764, 32_765, 32_766),
      (clients, steps, firstEpoch) => {
        const walked = new TransactionWalk(clients, { firstEpoch })
        for (const next of steps) walked.step(next)
        walked.converge()
      },
    ),
    { numRuns: 250 },
  )

describe('transactions, walked', () => {
  it('of v2: all or nothing, nothing of who is fenced, nothing in a transaction that it does not belong to', () => {
    walk(fc.array(fc.constant<2>(2), { minLength: 1, maxLength: 3 }))
  })

  it('of v1 beside v2: all or nothing, and nothing of who is fenced', () => {
    walk(fc.array(fc.constantFrom<0 | 2>(0, 2), { minLength: 1, maxLength: 3 }))
  })
})
