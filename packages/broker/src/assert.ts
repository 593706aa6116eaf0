/** A bug, not an operating failure: never caught, ends the broker. The sentence says what was believed. */
export class AssertionError extends Error {
  override readonly name = 'AssertionError'
}

/** Ends the broker when `condition` is false. `belief` is a sentence, with the invariant's id where it has one (`L2: ...`). */
export function assert(condition: boolean, belief: string): asserts condition {
  if (!condition) throw new AssertionError(belief)
}
