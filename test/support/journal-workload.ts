import type { JournalEntry, RecoveredLog } from '../../packages/broker/src/log/journal/entry.ts'
import type { Journal } from '../../packages/broker/src/log/journal/journal.ts'
import type { Random } from '../../packages/broker/src/world.ts'
import { settle } from './journal-world.ts'
import type { ModelDisk } from './model-disk.ts'

export const topicIdOf = (index: number): string =>
  Buffer.from(`topic ${index}`.padEnd(16)).toString('base64url')

interface WrittenEntry {
  readonly baseOffset: number
  readonly endOffset: number
  readonly segmentPosition: number
  readonly content: Buffer
  readonly type: JournalEntry['type']
}

interface WrittenLog {
  readonly topicId: string
  readonly partition: number
  readonly entries: WrittenEntry[]
}

/** A fact that holds from an operation of the disk on: up to `offset`, the log was acknowledged or is synced in its segments. */
interface Milestone {
  readonly log: WrittenLog
  readonly offset: number
  readonly after: number
}

/** Writes to a few logs through a journal and remembers what was promised when, to compare with what a crash left. */
export class JournalWorkload {
  readonly #disk: ModelDisk
  readonly #random: Random
  readonly logs: readonly WrittenLog[]
  readonly #acknowledged: Milestone[] = []
  readonly #synced: Milestone[] = []

  constructor(disk: ModelDisk, options: { readonly random: Random; readonly logCount: number }) {
    this.#disk = disk
    this.#random = options.random
    const indexes = Array.from({ length: options.logCount }, (_, index) => index)
    this.logs = indexes.map(index => ({ topicId: topicIdOf(index), partition: index, entries: [] }))
  }

  /** Commits to some logs at once, in entries of up to `sizeMax` bytes. */
  commit(journal: Journal, sizeMax: number): void {
    const entries: JournalEntry[] = []
    const ends: { log: WrittenLog; offset: number }[] = []
    const count = 1 + this.#random.below(this.logs.length)
    for (let index = 0; index < count; index += 1) {
      const log = this.#pick()
      const written = this.#append(log, 1 + this.#random.below(sizeMax))
      entries.push(this.#entryOf(log, written))
      ends.push({ log, offset: written.endOffset })
    }
    journal.commit(entries, error => {
      if (error !== undefined) return
      const after = this.#disk.operations.length
      for (const { log, offset } of ends) this.#acknowledged.push({ log, offset, after })
    })
  }

  /** Tells the journal that a log's segments are synced, as far as it was written. */
  syncSegments(journal: Journal): void {
    const log = this.#pick()
    const offset = log.entries.at(-1)?.endOffset ?? 0
    this.#synced.push({ log, offset, after: this.#disk.operations.length })
    journal.segmentsSynced(log, journal.mark())
  }

  /** Random commits, segment syncs and pauses. */
  async run(
    journal: Journal,
    options: { readonly steps: number; readonly sizeMax: number },
  ): Promise<void> {
    journal.whenPressed(() => {
      for (const log of this.logs) {
        const offset = log.entries.at(-1)?.endOffset ?? 0
        this.#synced.push({ log, offset, after: this.#disk.operations.length })
      }
      queueMicrotask(() => {
        for (const log of this.logs) journal.segmentsSynced(log, journal.mark())
      })
    })
    for (let step = 0; step < options.steps; step += 1) {
      const choice = this.#random.below(10)
      if (choice < 6) this.commit(journal, options.sizeMax)
      else if (choice < 8) this.syncSegments(journal)
      else await settle()
    }
    await settle()
  }

  /** How many entries were acknowledged before the disk stopped after `operationCount` operations. */
  acknowledgedOffset(log: WrittenLog, operationCount: number): number {
    return newest(this.#acknowledged, log, operationCount)
  }

  /**
   * What is wrong with what was recovered after the disk stopped: every acknowledged entry that no segment is known to hold must
   * be there, with its bytes, in order, without a gap, and nothing that was never written.
   */
  async faultsOf(
    recovered: { get(log: WrittenLog): RecoveredLog | undefined; readonly isDamaged: boolean },
    operationCount: number,
  ): Promise<string[]> {
    const faults = recovered.isDamaged ? ['the journal calls itself damaged'] : []
    for (const log of this.logs) {
      const found = recovered.get(log)
      const wrong = await this.#faultsOfLog(log, found, operationCount)
      faults.push(...wrong.map(fault => `log ${log.partition}: ${fault}`))
    }
    return faults
  }

  async #faultsOfLog(
    log: WrittenLog,
    found: RecoveredLog | undefined,
    operationCount: number,
  ): Promise<string[]> {
    const faults: string[] = []
    const acknowledged = newest(this.#acknowledged, log, operationCount)
    const synced = withExtents(log, newest(this.#synced, log, operationCount), acknowledged)
    if ((found?.durableOffset ?? 0) > Math.max(acknowledged, synced)) {
      const end = found?.entries.at(-1)?.endOffset ?? 0
      if ((found?.durableOffset ?? 0) > end)
        faults.push('it claims more to be durable than there is')
    }
    const pieces = await joinPieces(found)
    let next: number | undefined
    for (const { baseOffset, endOffset, bytes, type, segmentPosition } of pieces) {
      const written = log.entries.find(entry => entry.baseOffset === baseOffset)
      if (next !== undefined && next !== baseOffset) faults.push(`a gap at ${next}`)
      next = endOffset
      const skipped = segmentPosition - (written?.segmentPosition ?? 0)
      if (written?.endOffset !== endOffset || skipped < 0) {
        faults.push(`${baseOffset} was never written so`)
      } else if (skipped > 0 && endOffset > synced) {
        faults.push(`${baseOffset} lacks its first bytes`)
      } else if (type === 'bytes' && !written.content.subarray(skipped).equals(bytes)) {
        faults.push(`${baseOffset} has other bytes`)
      }
    }
    const first = pieces[0]?.baseOffset ?? acknowledged
    if (first > synced && acknowledged > synced) faults.push(`${synced} to ${first} is missing`)
    if ((next ?? synced) < acknowledged && acknowledged > synced) {
      faults.push(`acknowledged up to ${acknowledged}, recovered up to ${next}`)
    }
    return faults
  }

  #pick(): WrittenLog {
    const log = this.logs[this.#random.below(this.logs.length)]
    if (log === undefined) throw new Error('there is no log')
    return log
  }

  #append(log: WrittenLog, sizeBytes: number): WrittenEntry {
    const last = log.entries.at(-1)
    const baseOffset = last?.endOffset ?? 0
    const content = Buffer.alloc(sizeBytes, `${log.partition}:${baseOffset};`)
    const endOffset = baseOffset + 1 + this.#random.below(3)
    const segmentPosition = (last?.segmentPosition ?? 0) + (last?.content.length ?? 0)
    const type = this.#random.below(8) === 0 ? 'extent' : 'bytes'
    const written = { baseOffset, endOffset, segmentPosition, content, type } as const
    log.entries.push(written)
    return written
  }

  #entryOf(log: WrittenLog, written: WrittenEntry): JournalEntry {
    const { topicId, partition } = log
    const { baseOffset, endOffset, segmentPosition, content, type } = written
    const place = {
      topicId,
      partition,
      leaderEpoch: 3,
      baseOffset,
      endOffset,
      segmentBaseOffset: 0,
      segmentPosition,
    }
    const middle = Math.floor(content.length / 2)
    const parts = [content.subarray(0, middle), content.subarray(middle)]
    return type === 'bytes'
      ? { type, ...place, parts }
      : { type, ...place, sizeBytes: content.length, segment: { sync: () => Promise.resolve() } }
  }
}

const newest = (
  milestones: readonly Milestone[],
  log: WrittenLog,
  operationCount: number,
): number =>
  milestones.reduce((offset, milestone) => {
    const holds = milestone.log === log && milestone.after <= operationCount
    return holds ? Math.max(offset, milestone.offset) : offset
  }, 0)

/** The segment of an acknowledged extent was synced with its group, so what is synced reaches beyond it. */
const withExtents = (log: WrittenLog, synced: number, acknowledged: number): number => {
  let reached = synced
  for (const entry of log.entries) {
    const isNext = entry.baseOffset === reached && entry.endOffset <= acknowledged
    if (isNext && entry.type === 'extent') reached = entry.endOffset
  }
  return reached
}

interface Piece {
  readonly baseOffset: number
  readonly endOffset: number
  readonly segmentPosition: number
  readonly type: JournalEntry['type']
  readonly bytes: Buffer
}

/** Puts together what was split over groups; pieces without their end count as nothing. */
const joinPieces = async (found: RecoveredLog | undefined): Promise<Piece[]> => {
  const pieces: Piece[] = []
  let open: Piece | undefined
  for (const entry of found?.entries ?? []) {
    const bytes = entry.type === 'bytes' ? Buffer.from(await entry.read()) : Buffer.alloc(0)
    const { baseOffset, endOffset, segmentPosition, type } = entry
    const before: Piece | undefined = open?.baseOffset === baseOffset ? open : undefined
    const joined = {
      baseOffset,
      endOffset,
      type,
      segmentPosition: before?.segmentPosition ?? segmentPosition,
      bytes: Buffer.concat([before?.bytes ?? Buffer.alloc(0), bytes]),
    }
    open = endOffset === baseOffset ? joined : undefined
    if (open === undefined) pieces.push(joined)
  }
  return pieces
}
