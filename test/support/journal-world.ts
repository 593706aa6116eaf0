import { MemoryClock } from '../../packages/broker/src/memory/clock.ts'
import { memoryRandom } from '../../packages/broker/src/memory/random.ts'
import type { Disk, Log, Network, World } from '../../packages/broker/src/world.ts'

export interface QuietWorld extends World {
  readonly clock: MemoryClock
  /** The messages that were logged at `error`. */
  readonly errors: string[]
  /** And at `warn`. */
  readonly warnings: string[]
}

/** A world around a disk, for tests that need no network. */
export const quietWorld = (disk: Disk): QuietWorld => {
  const errors: string[] = []
  const warnings: string[] = []
  const log: Log = {
    error: message => void errors.push(message),
    warn: message => void warnings.push(message),
    info: () => undefined,
    debug: () => undefined,
    with: () => log,
  }
  const network: Network = {
    listen: () => Promise.reject(new Error('there is no network in this world')),
  }
  const fail = (reason: Error) => {
    throw reason
  }
  return {
    clock: new MemoryClock({ now: 1_000 }),
    random: memoryRandom(7),
    disk,
    network,
    log,
    fail,
    errors,
    warnings,
  }
}

/** Lets everything that waits only for other promises happen. */
export const settle = (): Promise<void> => new Promise(resolve => setImmediate(resolve))
