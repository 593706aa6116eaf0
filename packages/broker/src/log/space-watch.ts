import { DiskError, type Timer, type World } from '../world.ts'

const POLL_MS = 5_000
const POLL_WHILE_FULL_MS = 500
const POLL_AFTER_BYTES = 8 * 1024 * 1024

/** How much of the disk appends of clients may not take: the smaller of the two, so that a small volume is usable too. */
export interface SpaceReserve {
  readonly bytes: number
  /** A part of the whole disk, 0 to 1. */
  readonly share: number
}

/** Watches how full the disk is, by time and by bytes written, so that it is noticed before a write fails. */
export class SpaceWatch {
  readonly #world: World
  readonly #directory: string
  readonly #reserve: SpaceReserve
  #error: DiskError | undefined
  #writtenBytes = 0
  #timer: Timer | undefined
  #isPolling = false
  #isClosed = false

  constructor(world: World, directory: string, reserve: SpaceReserve) {
    this.#world = world
    this.#directory = directory
    this.#reserve = reserve
    void this.#poll()
  }

  /** Set while the free space is below the reserve. */
  get error(): DiskError | undefined {
    return this.#error
  }

  /** Counts what was written; after some megabytes the space is looked at again. */
  wrote(sizeBytes: number): void {
    this.#writtenBytes += sizeBytes
    if (this.#writtenBytes < POLL_AFTER_BYTES) return
    this.#writtenBytes = 0
    void this.#poll()
  }

  /** A write found the disk full, whatever the last look said. */
  foundFull(error: DiskError): void {
    this.#become(error)
    this.#schedule()
  }

  close(): void {
    this.#isClosed = true
    this.#timer?.cancel()
  }

  async #poll(): Promise<void> {
    if (this.#isPolling || this.#isClosed) return
    this.#isPolling = true
    try {
      const { freeBytes, totalBytes } = await this.#world.disk.space(this.#directory)
      const reserveBytes = Math.min(this.#reserve.bytes, totalBytes * this.#reserve.share)
      const isFull = freeBytes < reserveBytes
      this.#become(
        isFull ? new DiskError('keep the reserve of', this.#directory, 'ENOSPC') : undefined,
      )
    } catch (error) {
      if (!(error instanceof DiskError)) throw error
      this.#world.log.warn('the free space of the disk is not known', { code: error.code })
    } finally {
      this.#isPolling = false
      this.#schedule()
    }
  }

  #become(error: DiskError | undefined): void {
    const wasFull = this.#error !== undefined
    this.#error = error
    const directory = this.#directory
    if (error !== undefined && !wasFull) {
      this.#world.log.error('the disk is full: appends are refused until there is space', {
        directory,
      })
    }
    if (error === undefined && wasFull) {
      this.#world.log.info('the disk has space again: appends are accepted', { directory })
    }
  }

  #schedule(): void {
    this.#timer?.cancel()
    if (this.#isClosed) return
    const delayMs = this.#error === undefined ? POLL_MS : POLL_WHILE_FULL_MS
    this.#timer = this.#world.clock.after(delayMs, () => void this.#poll())
  }
}
