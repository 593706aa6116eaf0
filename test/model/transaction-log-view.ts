/** The logs that a walk's producers write to, read from their files byte by byte, with what must hold of every new batch. */
import { batchesOf, type RecordBatch, recordsOf } from '@varve/protocol'
import type { TransactionResult } from '../../packages/broker/src/coordinator/transaction/transaction.ts'
import { codecs } from './codecs.ts'
import { holds } from './holds.ts'
import type { ProducerAndEpoch, Unit, Units } from './transaction-units.ts'

export interface DataEntry extends ProducerAndEpoch {
  readonly kind: 'data'
  readonly baseOffset: number
  readonly baseSequence: number
  readonly values: readonly string[]
}

export interface MarkerEntry extends ProducerAndEpoch {
  readonly kind: 'marker'
  readonly baseOffset: number
  readonly result: TransactionResult
}

type Entry = DataEntry | MarkerEntry

export class TransactionLogView {
  readonly partitions: Entry[][]
  readonly #units: Units

  constructor(count: number, units: Units) {
    this.partitions = Array.from({ length: count }, () => [])
    this.#units = units
  }

  /** Reads a partition anew. What came since the last time was written under a valid epoch; what was there is there. */
  read(index: number, bytes: Buffer, since: 'step' | 'crash'): void {
    const before = this.partitions[index] ?? []
    const entries = [...batchesOf(bytes)].map(entryOf)
    this.partitions[index] = entries
    const about = () => `orders-${index}`
    const kept = entries.filter((entry, place) => sameEntry(entry, before[place])).length
    holds(since === 'crash' || kept >= before.length, 'L1: what was appended stays', about)
    for (const entry of entries.slice(kept)) {
      if (entry.kind === 'marker') continue
      holds(since === 'step', 'L1: a crash adds no records', about)
      const least = this.#units.leastEpoch(entry.producerId)
      holds(
        entry.producerEpoch >= least,
        'T6: who is fenced writes nothing',
        () => `${entry.values.join()} with epoch ${entry.producerEpoch}, ${least} was given`,
      )
    }
  }

  get markerCount(): number {
    return this.partitions.flat().filter(({ kind }) => kind === 'marker').length
  }

  /** T1, T4: sequences without gaps, no record twice, and nothing of a transaction behind its marker. */
  checkOrder(isV2: (unit: Unit) => boolean): void {
    for (const [index, entries] of this.partitions.entries()) {
      const next = new Map<string, number>()
      const seen = new Set<string>()
      for (const entry of entries) {
        if (entry.kind === 'marker') continue
        const { producerId, producerEpoch, baseSequence, values } = entry
        const key = `${producerId}/${producerEpoch}`
        const about = () => `orders-${index}, ${key}, ${values.join()} with ${baseSequence}`
        holds(baseSequence === (next.get(key) ?? 0), 'T1: sequences have no gaps', about)
        next.set(key, baseSequence + values.length)
        for (const value of values) {
          holds(!seen.has(value), 'T1: no record is there twice', about)
          seen.add(value)
        }
      }
    }
    for (const unit of this.#units.all) this.#checkEnd(unit, isV2(unit))
  }

  /** How a transaction came out by its markers, undefined when it has none yet or no records. T4, T5. */
  resultOf(unit: Unit): TransactionResult | undefined {
    const results = new Set<TransactionResult>()
    for (const index of this.partitions.keys()) {
      const { marker } = this.#endIn(unit, index)
      if (marker !== undefined) results.add(marker.result)
    }
    holds(results.size < 2, 'T5: a transaction has one result in all partitions', () => unit.name)
    return [...results][0]
  }

  #checkEnd(unit: Unit, isV2: boolean): void {
    const result = this.resultOf(unit)
    for (const index of this.partitions.keys()) {
      const { data, between, marker } = this.#endIn(unit, index)
      const about = () => `${unit.name} in orders-${index}`
      holds(between === undefined, 'T4: no record behind the marker of its transaction', about)
      const epoch = data.at(-1)?.producerEpoch
      if (marker === undefined || epoch === undefined) continue
      const isLater = isV2 ? marker.producerEpoch > epoch : marker.producerEpoch >= epoch
      holds(isLater, 'T4: a marker’s epoch follows that of its records', about)
    }
    if (result === 'commit')
      holds(
        unit.asked.has('commit'),
        'T3: nothing is committed that nobody asked for',
        () => unit.name,
      )
    const { told } = unit
    holds(
      told === undefined || result === undefined || told === result,
      'T5: what the producer was told is what became of it',
      () => `${unit.name}: ${told}, ${result}`,
    )
  }

  #endIn(unit: Unit, index: number) {
    const entries = this.partitions[index] ?? []
    const isOf = (entry: Entry): entry is DataEntry =>
      entry.kind === 'data' && entry.values.some(value => unit.records.has(value))
    const data = entries.filter(isOf)
    const first = entries.findIndex(isOf)
    const last = entries.findLastIndex(isOf)
    const isEnd = (entry: Entry): entry is MarkerEntry =>
      entry.kind === 'marker' && entry.producerId === data[0]?.producerId
    const between = entries.slice(Math.max(first, 0), last + 1).find(isEnd)
    return { data, between, marker: entries.slice(last + 1).find(isEnd) }
  }

  /** What a reader of committed records is to see of a partition, if all of its transactions are over. */
  committed(index: number): string[] {
    const entries = this.partitions[index] ?? []
    return entries.flatMap((entry, place) => {
      if (entry.kind === 'marker') return []
      const end = entries
        .slice(place + 1)
        .find(other => other.kind === 'marker' && other.producerId === entry.producerId)
      return end?.kind === 'marker' && end.result === 'commit' ? entry.values : []
    })
  }
}

function entryOf(batch: RecordBatch): Entry {
  const { producerId, producerEpoch, baseOffset, baseSequence } = batch
  const records = [...recordsOf(batch, codecs)]
  if (batch.isControl) {
    const result = records[0]?.key?.readInt16BE(2) === 1 ? 'commit' : 'abort'
    return { kind: 'marker', producerId, producerEpoch, baseOffset, result }
  }
  const values = records.map(({ value }) => value?.toString() ?? '')
  return { kind: 'data', producerId, producerEpoch, baseOffset, baseSequence, values }
}

function sameEntry(one: Entry, other: Entry | undefined): boolean {
  if (other === undefined || one.kind !== other.kind || one.baseOffset !== other.baseOffset)
    return false
  if (one.producerId !== other.producerId || one.producerEpoch !== other.producerEpoch) return false
  if (one.kind === 'data') return other.kind === 'data' && one.values.join() === other.values.join()
  return other.kind === 'marker' && one.result === other.result
}
