/** One partition that loses records by its settings: what it may lose, and what it must still have after each restart. */
import type { KillProducer } from './kill-producer.ts'
import type { FoundLog, FoundRecord } from './kill-reader.ts'
import { isTombstone, keyOf, numberedRecord } from './kill-records.ts'

const FAULTS_MAX = 5

export interface ShedRules {
  readonly topic: string
  readonly isCompacted: boolean
  readonly isRetained: boolean
  /** `retention.bytes`. */
  readonly retentionBytes: number
  /** `delete.retention.ms`. */
  readonly deleteRetentionMs: number
}

/** What the restarts have shown that cleaning and retention did. */
export interface Shedding {
  /** Offsets that cleaning took from the log as it stands. */
  readonly gone: number
  readonly mostGone: number
  /** Newest records of their keys that were tombstones and are gone: the most that a restart has found. */
  readonly tombstonesGone: number
  readonly logStartOffset: number
  /** Restarts that found more gone than the one before. */
  readonly restartsWithMore: number
}

/**
 * Written by one idempotent producer from offset 0 on, so that its record number n is at offset n, or was. What is there is compared with
 * what the producer writes under that number, and what is not there with what the settings allow.
 */
export class ShedPartition {
  readonly rules: ShedRules
  readonly producer: KillProducer
  /** The newest offset of each key below `#end`. */
  readonly #newest = new Map<string, number>()
  #present = new Set<number>()
  #end = 0
  #seen: Shedding = {
    ...{ gone: 0, mostGone: 0, tombstonesGone: 0 },
    ...{ logStartOffset: 0, restartsWithMore: 0 },
  }

  constructor(rules: ShedRules, producer: KillProducer) {
    this.rules = rules
    this.producer = producer
  }

  /** `<topic>-<partition>`. */
  get name(): string {
    return `${this.rules.topic}-${this.producer.options.partition}`
  }

  get seen(): Shedding {
    return this.#seen
  }

  /** What is wrong with the log after a restart; `now` is the wall clock when it had been read. */
  faultsOf(log: FoundLog, now: number): string[] {
    const { isCompacted, isRetained } = this.rules
    const present = new Set(log.records.map(({ offset }) => offset))
    for (let number = this.#end; number < log.highWatermark; number += 1)
      this.#newest.set(keyOf(number), number)
    const faults = [
      ...this.#ends(log),
      ...this.#strangers(log),
      ...(isCompacted ? this.#keys(log, present, now) : missing(log, present)),
      ...(isRetained ? this.#deletion(log) : unmovedStart(log)),
      ...this.producer.refusals,
    ]
    this.#tell(log, present)
    this.#present = present
    this.#end = log.highWatermark
    return faults.slice(0, FAULTS_MAX).map(fault => `${this.name}: ${fault}`)
  }

  #ends({ logStartOffset, highWatermark }: FoundLog): string[] {
    const last = this.producer.acknowledged.at(-1)
    const acknowledged = last === undefined ? 0 : last.first + last.count
    const start = Math.max(this.#seen.logStartOffset, this.producer.logStartOffset)
    const faults: string[] = []
    if (logStartOffset < start)
      faults.push(`starts at ${logStartOffset}, after it started at ${start}`)
    if (highWatermark < Math.max(acknowledged, this.#end))
      faults.push(`ends at ${highWatermark}, ${acknowledged} were acknowledged`)
    if (highWatermark > this.producer.sentCount)
      faults.push(`ends at ${highWatermark}, ${this.producer.sentCount} were sent`)
    for (const { baseOffset, first } of this.producer.acknowledged.slice(-1))
      if (baseOffset !== first) faults.push(`${first} was acknowledged at ${baseOffset}`)
    return faults
  }

  /** Records out of order, that nobody sent, or that were gone before. */
  #strangers({ records }: FoundLog): string[] {
    const faults: string[] = []
    let last = -1
    for (const record of records) {
      const { offset } = record
      if (offset <= last) faults.push(`${offset} follows ${last}`)
      last = offset
      if (!isSent(this.producer.options.name, record)) faults.push(`${offset} was never sent so`)
      if (offset < this.#end && !this.#present.has(offset)) faults.push(`${offset} is back`)
    }
    return faults
  }

  /** C1 and C2: of each key the newest record, or it is a tombstone whose time was over and the key has nothing left. */
  #keys(log: FoundLog, present: ReadonlySet<number>, now: number): string[] {
    const faults: string[] = []
    const keys = new Set(log.records.map(({ key }) => key))
    let tombstonesGone = 0
    for (const [key, offset] of this.#newest) {
      if (offset < log.logStartOffset || present.has(offset)) continue
      const ageMs = now - this.producer.builtAt(offset)
      if (!isTombstone(offset)) faults.push(`${offset} is gone, the newest of ${key}`)
      else if (ageMs < this.rules.deleteRetentionMs)
        faults.push(`${offset} is gone, a tombstone of ${ageMs} ms`)
      else if (keys.has(key))
        faults.push(`${offset} is gone, the tombstone of ${key}, which is there`)
      tombstonesGone += 1
    }
    const mostTombstones = Math.max(this.#seen.tombstonesGone, tombstonesGone)
    this.#seen = { ...this.#seen, tombstonesGone: mostTombstones }
    return faults
  }

  /** Retention leaves at least `retention.bytes` behind. What cleaning left of a batch is not known here. */
  #deletion({ logStartOffset }: FoundLog): string[] {
    const { isCompacted, retentionBytes } = this.rules
    if (isCompacted || logStartOffset === 0) return []
    const bytes = this.producer.bytesFrom(logStartOffset)
    return bytes >= retentionBytes ? [] : [`only ${bytes} bytes were left of it`]
  }

  #tell({ logStartOffset, highWatermark }: FoundLog, present: ReadonlySet<number>): void {
    const before = this.#seen
    const gone = highWatermark - logStartOffset - present.size
    const hasMore = this.rules.isRetained
      ? logStartOffset > before.logStartOffset
      : gone > before.gone
    const restartsWithMore = before.restartsWithMore + (hasMore ? 1 : 0)
    const mostGone = Math.max(before.mostGone, gone)
    this.#seen = { ...before, gone, mostGone, logStartOffset, restartsWithMore }
  }
}

const missing = (
  { logStartOffset, highWatermark }: FoundLog,
  present: ReadonlySet<number>,
): string[] => {
  const faults: string[] = []
  for (let offset = logStartOffset; offset < highWatermark; offset += 1)
    if (!present.has(offset)) faults.push(`${offset} is missing`)
  return faults
}

const unmovedStart = ({ logStartOffset }: FoundLog): string[] =>
  logStartOffset === 0 ? [] : [`starts at ${logStartOffset}, and nothing may delete from it`]

const isSent = (name: string, { offset, key, value, mark }: FoundRecord): boolean => {
  const sent = numberedRecord(name, offset)
  return mark === `${name}:${offset}` && key === sent.key && value === sent.value
}
