/** What a walk does, drawn from a seed and kept as data: so that a shorter one can be tried. */
import { memoryRandom } from '../../packages/broker/src/memory/random.ts'

export type GroupStep =
  | {
      readonly type:
        | 'act'
        | 'commit'
        | 'leave'
        | 'crash'
        | 'quit'
        | 'twin'
        | 'zombie'
        | 'pause'
        | 'lose'
        | 'roll'
      readonly member: number
    }
  | { readonly type: 'tool commits' | 'fetch' | 'delete group'; readonly group: number }
  | { readonly type: 'delete offsets'; readonly group: number; readonly place: number }
  | { readonly type: 'advance'; readonly ms: number }
  | { readonly type: 'sync'; readonly batches: number }
  | { readonly type: 'hold' | 'release' | 'slow' | 'quick' }
  | { readonly type: 'broker crashes' | 'disk fails'; readonly kept: number }
  | { readonly type: 'topics'; readonly orders: number; readonly users: number }

export type Protocol = 'classic' | 'consumer'

export interface PlannedMember {
  readonly group: number
  readonly protocol: Protocol
  readonly isStatic: boolean
  readonly topics: readonly string[]
  readonly pattern: string | null
}

export interface GroupPlan {
  readonly initialRebalanceDelayMs: number
  readonly members: readonly PlannedMember[]
  readonly steps: readonly GroupStep[]
}

/** The first has classic members only, the second those of KIP-848, the third both; the last has none, and committed offsets. */
export const GROUPS = ['classics', 'consumers', 'mixture', 'simple'] as const

const WEIGHTS: readonly (readonly [GroupStep['type'], number])[] = [
  ['act', 44],
  ['commit', 10],
  ['advance', 10],
  ['sync', 5],
  ['hold', 2],
  ['release', 2],
  ['zombie', 3],
  ['pause', 2],
  ['lose', 2],
  ['leave', 2],
  ['crash', 2],
  ['quit', 1],
  ['twin', 2],
  ['roll', 4],
  ['tool commits', 2],
  ['fetch', 3],
  ['delete group', 1],
  ['delete offsets', 1],
  ['broker crashes', 3],
  ['disk fails', 1],
  ['topics', 1],
  ['slow', 1],
  ['quick', 1],
]
const ALL = WEIGHTS.reduce((sum, [, weight]) => sum + weight, 0)

/** A walk that this seed gives. */
export function groupPlan(seed: number): GroupPlan {
  const random = memoryRandom(seed)
  // The first draws of neighbouring seeds are alike.
  for (let skipped = 0; skipped < 4; skipped += 1) random.below(2)
  const oneOf = <T>(...values: readonly T[]): T => values[random.below(values.length)] as T
  const members = Array.from({ length: 1 + random.below(6) }, (): PlannedMember => {
    const group = oneOf(0, 1, 2, 2)
    const protocol = group === 2 ? oneOf<Protocol>('classic', 'consumer') : PROTOCOLS[group]
    const isConsumer = protocol === 'consumer'
    return {
      group,
      protocol: protocol ?? 'classic',
      isStatic: random.below(3) === 0,
      topics: group === 1 ? oneOf(['orders'], ['orders', 'users'], ['users']) : ['orders', 'users'],
      pattern: isConsumer && group === 1 ? oneOf(null, null, 'o.*', '.*s') : null,
    }
  })
  const steps = Array.from({ length: 20 + random.below(120) }, () => drawStep(random))
  return { initialRebalanceDelayMs: oneOf(0, 0, 0, 3_000), members, steps }
}

const PROTOCOLS: readonly Protocol[] = ['classic', 'consumer']

function drawStep({ below }: ReturnType<typeof memoryRandom>): GroupStep {
  const type = drawType(below(ALL))
  switch (type) {
    case 'act':
    case 'commit':
    case 'leave':
    case 'crash':
    case 'quit':
    case 'twin':
    case 'zombie':
    case 'pause':
    case 'lose':
    case 'roll':
      return { type, member: below(60) }
    case 'tool commits':
    case 'fetch':
    case 'delete group':
      return { type, group: below(GROUPS.length) }
    case 'delete offsets':
      return { type, group: below(GROUPS.length), place: below(4) }
    case 'advance':
      return { type, ms: [1, 500, 3_000, 9_999, 10_000, 15_000, 30_000, 70_000][below(8)] ?? 1 }
    case 'sync':
      return { type, batches: 1 + below(4) }
    case 'broker crashes':
    case 'disk fails':
      return { type, kept: below(5) }
    case 'topics':
      return { type, orders: 3 + below(3), users: [0, 2, 3][below(3)] ?? 0 }
    case 'hold':
    case 'release':
    case 'slow':
    case 'quick':
      return { type }
  }
}

function drawType(drawn: number): GroupStep['type'] {
  let left = drawn
  for (const [type, weight] of WEIGHTS) {
    if (left < weight) return type
    left -= weight
  }
  return 'act'
}
