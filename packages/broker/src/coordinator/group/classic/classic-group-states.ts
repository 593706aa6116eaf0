import { assert } from '../../../assert.ts'

/**
 * Where a classic group may go from each state, as the docs print it. A group of several changes in one decision passes through every
 * state on the way: one that loses its last member in CompletingRebalance becomes PreparingRebalance, and then Empty.
 */
export const classicGroupStates = {
  Empty: {
    about: 'No members; committed offsets may be there.',
    next: ['PreparingRebalance', 'Dead'],
  },
  PreparingRebalance: {
    about: 'Members are being waited for: their JoinGroup requests are parked.',
    next: ['CompletingRebalance', 'Empty'],
  },
  CompletingRebalance: {
    about:
      'The members of the generation are known, and what its leader assigns is being waited for.',
    next: ['PreparingRebalance', 'Stable'],
  },
  Stable: {
    about: 'Every member of the generation can have its assignment.',
    next: ['PreparingRebalance'],
  },
  Dead: {
    about: 'Gone: deleted, become a consumer group, or nobody joined in the end.',
    next: [],
  },
} as const satisfies Readonly<Record<string, StateRow>>

/** What a state means, and which may follow it. */
export interface StateRow {
  readonly about: string
  readonly next: readonly string[]
}

export type ClassicGroupState = keyof typeof classicGroupStates

/** Ends the broker when a classic group would take a way that the table does not have. */
export function assertEdge(from: ClassicGroupState, to: ClassicGroupState): void {
  const ways: readonly ClassicGroupState[] = classicGroupStates[from].next
  assert(ways.includes(to), `G5: a classic group never goes from ${from} to ${to}`)
}
