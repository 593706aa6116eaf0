/** What a walk of transactions does, drawn from a seed and kept as data: so that a shorter one can be tried. */
import { memoryRandom } from '../../packages/broker/src/memory/random.ts'

export type TransactionStep =
  | {
      readonly type: 'act' | 'zombie acts' | 'succeed' | 'end and crash'
      readonly pick: number
      readonly seed: number
    }
  | { readonly type: 'late arrives'; readonly pick: number }
  | { readonly type: 'advance'; readonly ms: number }
  | { readonly type: 'hold' | 'release' | 'read' | 'restart' }
  | { readonly type: 'crash'; readonly seed: number }

export interface TransactionPlan {
  /** For each transactional id, the version of the protocol that its producers speak. */
  readonly versions: readonly (1 | 2)[]
  readonly seed: number
  readonly steps: readonly TransactionStep[]
}

const WEIGHTS: readonly (readonly [TransactionStep['type'], number])[] = [
  ['act', 60],
  ['zombie acts', 8],
  ['succeed', 2],
  ['late arrives', 8],
  ['advance', 7],
  ['hold', 3],
  ['release', 5],
  ['read', 5],
  ['crash', 2],
  // The decision is on its way to the disk, and nothing of it is durable.
  ['end and crash', 2],
  ['restart', 1],
]
const ALL = WEIGHTS.reduce((sum, [, weight]) => sum + weight, 0)

/** The walk that this seed gives. */
export function transactionPlan(seed: number): TransactionPlan {
  const random = memoryRandom(seed)
  // The first draws of neighbouring seeds are alike.
  for (let skipped = 0; skipped < 4; skipped += 1) random.below(2)
  const versions = Array.from({ length: 1 + random.below(3) }, (): 1 | 2 =>
    random.below(3) === 0 ? 1 : 2,
  )
  const steps = Array.from({ length: 30 + random.below(170) }, () => drawStep(random))
  return { versions, seed, steps }
}

function drawStep({ below }: ReturnType<typeof memoryRandom>): TransactionStep {
  const type = drawType(below(ALL))
  switch (type) {
    case 'act':
    case 'zombie acts':
    case 'succeed':
    case 'end and crash':
      return { type, pick: below(60), seed: below(2 ** 31) }
    case 'late arrives':
      return { type, pick: below(60) }
    case 'advance':
      return { type, ms: [1, 20, 100, 150, 1_000, 30_000, 61_000][below(7)] ?? 1 }
    case 'crash':
      return { type, seed: below(2 ** 31) }
    case 'hold':
    case 'release':
    case 'read':
    case 'restart':
      return { type }
  }
}

function drawType(drawn: number): TransactionStep['type'] {
  let left = drawn
  for (const [type, weight] of WEIGHTS) {
    if (left < weight) return type
    left -= weight
  }
  return 'act'
}
