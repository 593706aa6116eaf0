import { expect } from 'vitest'
import type { DirtyLog, PendingWrite } from '../../packages/broker/src/log/dirty-log.ts'
import { Flusher, type FlusherLimits } from '../../packages/broker/src/log/flusher.ts'
import { openJournal } from '../../packages/broker/src/log/journal/recover.ts'
import type { DiskError } from '../../packages/broker/src/world.ts'
import { DiskImage } from './disk-image.ts'
import { topicIdOf } from './journal-workload.ts'
import { quietWorld, settle } from './journal-world.ts'
import { ModelDisk } from './model-disk.ts'

const journalLimits = {
  firstFileBytes: 32 * 1024,
  fileBytes: 32 * 1024,
  fileCountMax: 2,
  spareBytes: 0,
}

export const flusherLimits: FlusherLimits = {
  unsyncedBytes: 10_000,
  writeBackBytes: 2_000,
  unsyncedMs: 5_000,
  syncsAtOnce: 2,
  reserve: undefined,
}

/** A log that only tells what was asked of it. */
export class TracedLog implements DirtyLog {
  readonly topicId: string
  readonly partition: number
  readonly trace: string[] = []
  flushMs = Number.POSITIVE_INFINITY
  pendingBytes = 0
  isRelaxed = false
  writeError: DiskError | undefined
  syncError: DiskError | undefined
  syncsAtOnce = 0
  afterWrite: () => void = () => undefined
  endPoolWrite: () => void = () => undefined
  #nextOffset = 0

  constructor(index: number) {
    this.topicId = topicIdOf(index)
    this.partition = index
  }

  writePending(): PendingWrite {
    if (this.writeError !== undefined) throw this.writeError
    const { topicId, partition, pendingBytes } = this
    const baseOffset = this.#nextOffset
    this.#nextOffset += 1
    this.pendingBytes = 0
    this.trace.push(`write ${pendingBytes}`)
    // As a real log does: it asks when the flusher has taken note of the write.
    if (this.isRelaxed) void Promise.resolve().then(this.afterWrite)
    if (this.isRelaxed) return { sizeBytes: pendingBytes, entries: [] }
    const place = { topicId, partition, leaderEpoch: 0, baseOffset, endOffset: baseOffset + 1 }
    const parts = [Buffer.alloc(pendingBytes, 1)]
    const position = { segmentBaseOffset: 0, segmentPosition: 0 }
    return { sizeBytes: pendingBytes, entries: [{ type: 'bytes', ...place, ...position, parts }] }
  }

  /** Ends when the test says so; what is pending then is written. */
  async writePendingInPool(): Promise<PendingWrite> {
    this.trace.push(`pool ${this.pendingBytes}`)
    await new Promise<void>(resolve => {
      this.endPoolWrite = resolve
    })
    return this.writePending()
  }

  durableUpTo(offset: number): void {
    this.trace.push(`durable ${offset}`)
  }

  appendsRefused(error: DiskError): void {
    this.trace.push(`refused ${error.code}`)
  }

  storageFailed(error: DiskError): void {
    this.trace.push(`failed ${error.code}`)
  }

  async syncSegments(): Promise<number> {
    this.syncsAtOnce += 1
    expect(this.syncsAtOnce).toBe(1)
    await settle()
    this.syncsAtOnce -= 1
    if (this.syncError !== undefined) throw this.syncError
    this.trace.push('sync')
    return this.#nextOffset
  }
}

/** A flusher with a journal on a model disk. */
export const startFlusher = async (changes: Partial<FlusherLimits>) => {
  const disk = new ModelDisk(new DiskImage())
  await disk.makeDirectory('/data')
  const world = quietWorld(disk)
  const journal = await (await openJournal(world, '/data', journalLimits)).start()
  const failures: string[] = []
  const flusher = new Flusher({
    ...{ world, directory: '/data', journal, limits: { ...flusherLimits, ...changes } },
    onFailure: error => void failures.push(error.code),
  })
  const append = (log: TracedLog, sizeBytes: number) => {
    log.pendingBytes += sizeBytes
    flusher.markDirty(log)
  }
  const turn = async () => {
    world.clock.turn()
    await settle()
  }
  return { disk, world, flusher, failures, warnings: world.warnings, append, turn }
}
