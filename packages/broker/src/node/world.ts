/** The real machine. */
import type { Log, World } from '../world.ts'
import { NodeClock } from './clock.ts'
import { NodeDisk } from './disk.ts'
import { nodeNetwork } from './network.ts'
import { nodeRandom } from './random.ts'

export interface NodeWorldOptions {
  readonly log: Log
  /** Called at most once. */
  readonly fail: (reason: Error) => void
}

export function nodeWorld({ log, fail }: NodeWorldOptions): World {
  return {
    clock: new NodeClock(fail),
    random: nodeRandom,
    disk: new NodeDisk(),
    network: nodeNetwork(),
    log,
    fail,
  }
}
