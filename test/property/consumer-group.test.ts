import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ConsumerWalk, type WalkStep } from '../support/consumer-walk.ts'
import { type MixedStep, MixedWalk } from '../support/mixed-walk.ts'

const client = fc.nat({ max: 4 })
const topics = fc.subarray(['orders', 'users', 'events'], { minLength: 0 })
const stepOf = (type: 'beat' | 'lose' | 'revoke' | 'leave' | 'crash' | 'repeat') =>
  fc.record({ type: fc.constant(type), client })

const step: fc.Arbitrary<WalkStep> = fc.oneof(
  { weight: 14, arbitrary: stepOf('beat') },
  { weight: 6, arbitrary: stepOf('revoke') },
  { weight: 2, arbitrary: stepOf('lose') },
  { weight: 1, arbitrary: stepOf('repeat') },
  { weight: 1, arbitrary: stepOf('leave') },
  { weight: 1, arbitrary: stepOf('crash') },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('subscribe' as const), client, topics }) },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant('advance' as const),
      ms: fc.constantFrom(1, 5_000, 10_000, 30_000, 60_000),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('topics' as const),
      partitions: fc.record({
        orders: fc.integer({ min: 4, max: 6 }),
        users: fc.constantFrom(0, 2),
        events: fc.constantFrom(0, 3),
      }),
    }),
  },
  { weight: 1, arbitrary: fc.constantFrom<WalkStep>({ type: 'restart' }) },
  { weight: 1, arbitrary: fc.constantFrom<WalkStep>({ type: 'hold' }, { type: 'release' }) },
)

const clients = fc.array(
  fc.record({
    isStatic: fc.boolean(),
    pattern: fc.constantFrom(null, null, 'e.*', '.*s'),
    topics,
  }),
  { minLength: 1, maxLength: 5 },
)

describe('consumer groups, walked', () => {
  it('give each partition one owner, come back as they were, and come to rest', () => {
    fc.assert(
      fc.property(
        clients,
        fc.array(step, { maxLength: Number(process.env['STEPS'] ?? 80) }),
        (members, steps) => {
          const walk = new ConsumerWalk(
            members.map(({ isStatic, pattern, topics }, place) => ({
              instanceId: isStatic ? `instance ${place}` : null,
              pattern,
              topics,
            })),
          )
          for (const one of steps) walk.take(one)
          expect(walk.settle()).toBeLessThanOrEqual(Number(process.env['ROUNDS'] ?? 5))
        },
      ),
      { numRuns: Number(process.env['RUNS'] ?? 150) },
    )
  }, 120_000)
})

const mixedStep: fc.Arbitrary<MixedStep> = fc.oneof(
  {
    weight: 14,
    arbitrary: fc.record({ type: fc.constant('act' as const), client }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constantFrom('leave' as const, 'crash' as const, 'roll' as const, 'roll' as const),
      client,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('advance' as const),
      ms: fc.constantFrom(1, 5_000, 30_000, 60_000),
    }),
  },
  { weight: 1, arbitrary: fc.constant<MixedStep>({ type: 'restart' }) },
)

describe('groups of both protocols, walked', () => {
  it('give each partition one owner through upgrades and downgrades, and come to rest', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('new' as const, 'old' as const), { minLength: 1, maxLength: 4 }),
        fc.array(mixedStep, { maxLength: Number(process.env['STEPS'] ?? 80) }),
        (protocols, steps) => {
          const walk = new MixedWalk(protocols)
          for (const one of steps) walk.take(one)
          walk.settle()
        },
      ),
      { numRuns: Number(process.env['RUNS'] ?? 60) },
    )
  }, 120_000)
})
