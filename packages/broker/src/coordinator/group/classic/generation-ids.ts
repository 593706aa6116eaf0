/**
 * Generation ids never come back with other members. A generation is written to the log when it has its assignment, but its members hear
 * of it before: a restart in between forgets it. So the generations given out are at most this many ahead of the one in the log, and a
 * group that was read from the log goes on behind all that may have been given out (G1, G2: nobody can commit in a generation that
 * shares only its number). A group that fails this many rounds in a row writes one record more.
 */
export const GENERATIONS_AHEAD = 32

/** After the largest, ids begin again: at a rebalance each second, in 68 years. */
const LARGEST_GENERATION = 0x7fff_ffff - GENERATIONS_AHEAD

export function nextGenerationId(lastGenerationId: number): number {
  return lastGenerationId >= LARGEST_GENERATION ? 1 : lastGenerationId + 1
}

/** The largest generation that members may have heard of when the log says `settledId`. */
export function largestGivenOut(settledId: number): number {
  return settledId + GENERATIONS_AHEAD
}
