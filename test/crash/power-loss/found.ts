/** What a recovered partition holds, read as a follower would read it, and what is wrong with that. */
import { batchesOf, crc32c, nodeCodecs, type RecordBatch, recordsOf } from '@varve/protocol'
import type { Partition } from '../../../packages/broker/src/replication/partition.ts'
import {
  committedOffsets,
  type Entry,
  fold,
  readCommitted,
  stableOffset,
} from '../../support/transactional-log.ts'
import type { History, Sent } from './history.ts'

const codecs = nodeCodecs()

interface FoundBatch {
  readonly entry: Entry
  readonly records: readonly {
    readonly offset: number
    readonly key: string
    readonly value: string
  }[]
  readonly isWhole: boolean
  readonly leaderEpoch: number
}

export interface CheckOptions {
  /** The count of disk operations after which the power went. */
  readonly at: number
  /** The count of disk operations after the start that is looked at. */
  readonly now: number
  readonly cleanup: 'delete' | 'compact'
  /** For a log of which a byte has changed: it may read as anything, but nothing below may be gone. */
  readonly promised?: number | undefined
}

/** The laws that do not hold for the partition; none when all is as it was promised. */
export async function faultsOf(
  partition: Partition,
  history: History,
  options: CheckOptions,
): Promise<string[]> {
  const faults: string[] = []
  const fail = (law: string) => faults.push(`${history.name}: ${law}`)
  const { logStartOffset: start, logEndOffset: end, highWatermark } = partition
  const promised = options.promised ?? history.promisedAt(options.at)
  if (end < promised) fail(`ends at ${end}, was ${history.promiserOf(promised)} up to ${promised}`)
  if (highWatermark !== end) fail(`L2: what was recovered counts, ${highWatermark} of ${end}`)
  const deleted = history.deletedAt(options.at)
  if (start < deleted) fail(`begins at ${start}, was deleted up to ${deleted}`)
  const told = history.startToldAt(options.at)
  if (start < told) fail(`begins at ${start}, and readers were told ${told}`)
  const startAtMost = history.startAtMost(options.at)
  // Records that nobody was promised may be lost with the segment that they were alone in; the next one then begins the log.
  if (start > startAtMost && promised > startAtMost)
    fail(`begins at ${start}, never began after ${startAtMost}`)
  if (faults.length > 0 || options.promised !== undefined) return faults
  const found = await batchesOfPartition(partition)
  const known = found.map(batch => knownAs(batch, history, promised))
  for (const [index, batch] of found.entries()) {
    const { baseOffset, lastOffset } = batch.entry
    const epoch = partition.leaderEpochOf(lastOffset)
    if (lastOffset >= start && epoch !== batch.leaderEpoch)
      fail(`R1: ${lastOffset} was written under leader epoch ${batch.leaderEpoch}, not ${epoch}`)
    if (!batch.isWhole) fail(`L3: the batch at ${baseOffset} has a wrong checksum`)
    if (known[index] === undefined)
      fail(`L1: what lies at ${baseOffset} to ${lastOffset} is not what was put there`)
  }
  faults.push(...gapsOf(found, partition, options).map(fault => `${history.name}: ${fault}`))
  if (options.cleanup === 'compact') checkKeys(history, { start, end, found }, fail)
  if (faults.length > 0) return faults
  const remembered = entriesBelow(end, history, known as Sent[])
  const faultsWith = async (entries: Sent[]): Promise<string[]> => {
    const wrong: string[] = []
    const note = (law: string) => wrong.push(`${history.name}: ${law}`)
    checkProducers(partition, entries, note)
    await checkTransactions(partition, { entries, cleanup: options.cleanup }, note)
    return wrong
  }
  let wrong: string[] | undefined
  for (const entries of memoriesOf(remembered, { start, startAtMost, promised })) {
    const faultsHere = await faultsWith(entries)
    if (faultsHere.length === 0) {
      history.remembers(options.now, start, entries)
      return []
    }
    wrong ??= faultsHere
  }
  return wrong as string[]
}

/**
 * The batches that the log may know of. Where it begins beyond what was promised, what lay before may have been lost before it was deleted, the
 * newest first, and then nobody knows its producers. What lay from `startAtMost` on was never deleted: it is lost, and nobody may know it.
 */
function* memoriesOf(
  remembered: readonly Sent[],
  { start, startAtMost, promised }: { start: number; startAtMost: number; promised: number },
): Generator<Sent[]> {
  const there = remembered.filter(({ lastOffset }) => lastOffset >= start)
  const below = remembered.filter(({ lastOffset }) => lastOffset < Math.min(start, startAtMost))
  const certain = start <= promised ? below.length : 0
  for (let count = below.length; count >= certain; count--)
    yield [...below.slice(0, count), ...there]
}

async function batchesOfPartition(partition: Partition): Promise<FoundBatch[]> {
  const found: FoundBatch[] = []
  for (let offset = partition.logStartOffset; offset < partition.logEndOffset; ) {
    const request = { offset, maxBytes: 1_000_000, firstBatchWhole: true } as const
    const read = await partition.read({ ...request, upTo: 'log end' })
    const bytes = Buffer.concat(read.parts)
    read.release?.()
    if (bytes.length === 0) return found
    for (const batch of batchesOf(bytes)) {
      found.push(foundOf(batch))
      offset = batch.lastOffset + 1
    }
  }
  return found
}

function foundOf(batch: RecordBatch): FoundBatch {
  const { baseOffset, lastOffset, producerId, producerEpoch, baseSequence } = batch
  const isWhole = batch.crcIsValid(crc32c)
  const records = isWhole ? [...recordsOf(batch, codecs)] : []
  const isAbort = batch.isControl && records[0]?.key?.readInt16BE(2) === 0
  const marker = isAbort ? 'abort' : 'commit'
  const kind = batch.isControl ? marker : batch.isTransactional ? 'data' : 'plain'
  return {
    entry: { baseOffset, lastOffset, producerId, producerEpoch, baseSequence, kind },
    leaderEpoch: batch.partitionLeaderEpoch,
    isWhole,
    records: records.map(({ offset, key, value }) => ({
      offset,
      key: String(key),
      value: String(value),
    })),
  }
}

/** The batch of the history that this is: below what was promised the one that is live, beyond it any that was there once. */
function knownAs(batch: FoundBatch, history: History, promised: number): Sent | undefined {
  const { entry } = batch
  const candidates = entry.lastOffset < promised ? history.live : history.everything
  return candidates.findLast(sent => {
    const isSame =
      sent.baseOffset === entry.baseOffset &&
      sent.lastOffset === entry.lastOffset &&
      sent.producerId === entry.producerId &&
      sent.producerEpoch === entry.producerEpoch &&
      sent.baseSequence === entry.baseSequence &&
      sent.kind === entry.kind
    if (!isSame || sent.bytes === undefined) return isSame
    return batch.records.every(({ offset, key, value }) => {
      const record = sent.records[offset - sent.baseOffset]
      return record?.key === key && record.value === value
    })
  })
}

function gapsOf(
  found: readonly FoundBatch[],
  partition: Partition,
  options: CheckOptions,
): string[] {
  const faults: string[] = []
  let next: number | undefined
  for (const { entry, records } of found) {
    const { baseOffset, lastOffset } = entry
    const isFirst = next === undefined
    const follows = isFirst ? baseOffset <= partition.logStartOffset : baseOffset === next
    if (options.cleanup === 'delete') {
      if (!follows) faults.push(`L4: ${baseOffset} follows ${next ?? partition.logStartOffset}`)
      const isMarker = entry.kind === 'commit' || entry.kind === 'abort'
      if (!isMarker && records.length !== lastOffset - baseOffset + 1)
        faults.push(`the batch at ${baseOffset} lacks records`)
    } else if (next !== undefined && baseOffset < next) faults.push(`L1: ${baseOffset} comes after`)
    next = lastOffset + 1
  }
  const end = next ?? partition.logStartOffset
  if (end !== partition.logEndOffset)
    faults.push(`reads up to ${end}, ends at ${partition.logEndOffset}`)
  return faults
}

/** C1: the newest record of every key is there. */
function checkKeys(
  history: History,
  { start, end, found }: { start: number; end: number; found: readonly FoundBatch[] },
  fail: (law: string) => void,
): void {
  const offsets = new Set(found.flatMap(({ records }) => records.map(({ offset }) => offset)))
  const newest = new Map<string, number>()
  for (const { baseOffset, records } of history.live)
    for (const [index, { key }] of records.entries())
      if (baseOffset + index < end) newest.set(key, baseOffset + index)
  for (const [key, offset] of newest)
    if (offset >= start && !offsets.has(offset)) fail(`C1: ${key} at ${offset} is gone`)
}

/** All batches that the log held up to its end, also those that retention or compaction took. */
function entriesBelow(end: number, history: History, found: readonly Sent[]): Sent[] {
  const first = found[0]?.baseOffset ?? end
  const there = new Set(found)
  const gone = history.live.filter(
    sent =>
      sent.lastOffset < end &&
      !there.has(sent) &&
      (sent.baseOffset < first ||
        !found.some(f => f.baseOffset <= sent.lastOffset && sent.baseOffset <= f.lastOffset)),
  )
  return [...gone, ...found].sort((one, other) => one.baseOffset - other.baseOffset)
}

/** T2: what is known of the producers is what the batches say. */
function checkProducers(
  partition: Partition,
  entries: readonly Sent[],
  fail: (law: string) => void,
): void {
  const transactions = fold(entries).producers
  const sequences = sequencesOf(entries)
  for (const { producerId } of partition.log?.producers.entries() ?? [])
    if (!sequences.has(producerId)) fail(`T2: producer ${producerId} is known, no batch says of it`)
  for (const [producerId, { epoch, nextSequence }] of sequences) {
    const entry = partition.log?.producers.get(producerId)
    const newest = entry?.batches.at(-1)
    const said = [
      entry?.producerEpoch,
      newest === undefined ? 0 : newest.lastSequence + 1,
      entry?.transactionFirstOffset,
    ]
    const wanted = [epoch, nextSequence, transactions.get(producerId)?.firstOffset ?? -1]
    if (String(said) !== String(wanted))
      fail(`T2: producer ${producerId} is at ${String(said)}, its batches say ${String(wanted)}`)
  }
}

interface Sequences {
  readonly epoch: number
  readonly nextSequence: number
}

/** Where each producer is after these batches. */
export function sequencesOf(entries: readonly Entry[]): ReadonlyMap<number, Sequences> {
  const producers = new Map<number, Sequences>()
  for (const { producerId, producerEpoch: epoch, baseSequence, ...entry } of entries) {
    if (producerId < 0) continue
    const known = producers.get(producerId)
    const isMarker = entry.kind === 'commit' || entry.kind === 'abort'
    const kept = known?.epoch === epoch ? known.nextSequence : 0
    const after = baseSequence + entry.lastOffset - entry.baseOffset + 1
    producers.set(producerId, { epoch, nextSequence: isMarker ? kept : after })
  }
  return producers
}

async function checkTransactions(
  partition: Partition,
  { entries, cleanup }: { entries: readonly Sent[]; cleanup: CheckOptions['cleanup'] },
  fail: (law: string) => void,
): Promise<void> {
  const { logStartOffset: start, highWatermark, lastStableOffset } = partition
  const stable = Math.min(Math.max(stableOffset(entries, highWatermark), start), highWatermark)
  if (lastStableOffset !== stable) fail(`T3: is stable up to ${lastStableOffset}, not ${stable}`)
  if (cleanup === 'compact') return
  const wanted = committedOffsets(entries, { offset: start, endOffset: stable })
  const read = await readCommitted(partition, start, 1_000_000)
  if (String(read) !== String(wanted))
    fail(`T3: a reader of committed records gets ${String(read)}, not ${String(wanted)}`)
}
