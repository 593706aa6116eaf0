import { randomBytes, randomInt } from 'node:crypto'
import type { Random } from '../world.ts'

/** The operating system's randomness. */
export const nodeRandom: Random = {
  bytes: size => randomBytes(size),
  below: bound => (bound <= 1 ? 0 : randomInt(bound)),
}
