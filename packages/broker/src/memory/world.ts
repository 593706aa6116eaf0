/** A machine in memory: nothing it holds outlives it. */
import type { Clock, Log, Network, Random, World } from '../world.ts'
import { MemoryDisk } from './disk.ts'

export interface MemoryWorldOptions {
  readonly clock: Clock
  readonly random: Random
  readonly network: Network
  readonly log: Log
  readonly fail: (reason: Error) => void
  /** What the disk holds before it is full. */
  readonly diskBytes: number
}

/** Puts a machine together around a disk in memory; the other parts may be real ones (`storage: 'memory'`) or those of this folder. */
export function memoryWorld({ diskBytes, ...parts }: MemoryWorldOptions): World {
  return {
    ...parts,
    disk: new MemoryDisk({ now: () => parts.clock.now(), capacityBytes: diskBytes }),
  }
}
