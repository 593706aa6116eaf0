import { assert } from '../../../assert.ts'

/**
 * Where a classic group may go from each state, as the docs print it. A group of several changes in one decision passes through every
 * state on the way: one that loses its last member in CompletingRebalance becomes PreparingRebalance, and then Empty.
 */
export const classicGroupStates = {
  /** No members; committed offsets may be there. */
  Empty: ['PreparingRebalance', 'Dead'],
  /** Members are being waited for: their JoinGroup requests are parked. */
  PreparingRebalance: ['CompletingRebalance', 'Empty'],
  /** The members of the generation are known, and what its leader assigns is being waited for. */
  CompletingRebalance: ['PreparingRebalance', 'Stable'],
  /** Every member of the generation can have its assignment. */
  Stable: ['PreparingRebalance'],
  /** Gone: deleted, or nobody joined in the end. */
  Dead: [],
} as const satisfies Readonly<Record<string, readonly string[]>>

export type ClassicGroupState = keyof typeof classicGroupStates

/** Ends the broker when a classic group would take a way that the table does not have. */
export function assertEdge(from: ClassicGroupState, to: ClassicGroupState): void {
  const ways: readonly ClassicGroupState[] = classicGroupStates[from]
  assert(ways.includes(to), `G5: a classic group never goes from ${from} to ${to}`)
}
