import type { SpaceReserve } from './space-watch.ts'

/** How much may be unsynced, and for how long. */
export interface FlusherLimits {
  /** A log's segments are synced when this many bytes of it are not. */
  readonly unsyncedBytes: number
  /** The same for what is not journaled (relaxed mode): small, so that unwritten pages never pile up and stall a write. */
  readonly writeBackBytes: number
  /**
   * So many bytes of all logs together may be unsynced. From half of it on the logs with the most are synced; at all of it relaxed logs are held
   * back, or the system would hold up the event loop in the middle of a write. No limit without.
   */
  readonly unsyncedTotalBytes?: number
  /** Writes of one log and turn of this size and more are the thread pool's; others only for a while after a slow one. All are made at once without. */
  readonly poolWriteBytes?: number | undefined
  /** And at the latest after this time. */
  readonly unsyncedMs: number
  /** How many logs are synced at once. */
  readonly syncsAtOnce: number
  /** Undefined where space is not watched. */
  readonly reserve: SpaceReserve | undefined
}

/** What a broker uses that was not told otherwise. */
export const defaultFlusherLimits: FlusherLimits = {
  unsyncedBytes: 16 * 1024 * 1024,
  writeBackBytes: 8 * 1024 * 1024,
  unsyncedTotalBytes: 256 * 1024 * 1024,
  poolWriteBytes: 512 * 1024,
  unsyncedMs: 30_000,
  syncsAtOnce: 2,
  reserve: { bytes: 64 * 1024 * 1024, share: 0.01 },
}
