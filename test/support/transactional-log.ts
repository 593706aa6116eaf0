/** What a log with transactions has to say, computed from the list of its batches alone. */
import { batchesOf, nodeCodecs, recordsOf } from '@varve/protocol'
import type { ReadResult } from '../../packages/broker/src/log/read-result.ts'
import type { Partition } from '../../packages/broker/src/replication/partition.ts'

const codecs = nodeCodecs()

/** A batch as it went into the log. */
export interface Entry {
  readonly baseOffset: number
  readonly lastOffset: number
  readonly producerId: number
  readonly producerEpoch: number
  readonly baseSequence: number
  readonly kind: 'plain' | 'data' | 'commit' | 'abort'
}

export interface KnownProducer {
  epoch: number
  nextSequence: number
  firstOffset: number
}

export interface ModelTransaction {
  readonly producerId: number
  readonly firstOffset: number
  readonly markerOffset: number
  readonly result: 'commit' | 'abort'
  readonly lastStableOffset: number
}

/** The producers after these batches, and the transactions that ended in them. */
export function fold(entries: readonly Entry[]) {
  const producers = new Map<number, KnownProducer>()
  const ended: ModelTransaction[] = []
  for (const entry of entries) {
    const { producerId, producerEpoch, baseOffset, lastOffset } = entry
    if (entry.kind === 'plain') continue
    const known = producers.get(producerId)
    const same = known?.epoch === producerEpoch ? known : undefined
    const firstOffset = known?.firstOffset ?? -1
    if (entry.kind === 'data') {
      const nextSequence = entry.baseSequence + lastOffset - baseOffset + 1
      const begun = firstOffset >= 0 ? firstOffset : baseOffset
      producers.set(producerId, { epoch: producerEpoch, nextSequence, firstOffset: begun })
      continue
    }
    const nextSequence = same?.nextSequence ?? 0
    producers.set(producerId, { epoch: producerEpoch, nextSequence, firstOffset: -1 })
    if (firstOffset < 0) continue
    const open = [...producers.values()].map(other => other.firstOffset).filter(at => at >= 0)
    const lastStableOffset = Math.min(lastOffset + 1, ...open)
    const { kind: result } = entry
    ended.push({ producerId, firstOffset, markerOffset: lastOffset, result, lastStableOffset })
  }
  return { producers, ended }
}

/** The last stable offset of a log with these batches, committed up to `highWatermark`. */
export function stableOffset(entries: readonly Entry[], highWatermark: number): number {
  const { producers, ended } = fold(entries)
  const open = [...producers.values()].map(({ firstOffset }) => firstOffset).filter(at => at >= 0)
  const undecided = ended.filter(({ markerOffset }) => markerOffset >= highWatermark)
  return Math.min(highWatermark, ...open, ...undecided.map(({ firstOffset }) => firstOffset))
}

/** The offsets that a reader of committed records gets from `offset` on. */
export function committedOffsets(
  entries: readonly Entry[],
  range: { readonly offset: number; readonly endOffset: number },
): number[] {
  const { ended } = fold(entries)
  const offsets: number[] = []
  for (const { baseOffset, lastOffset, producerId, kind } of entries) {
    if (kind === 'commit' || kind === 'abort' || lastOffset >= range.endOffset) continue
    const isAborted =
      kind === 'data' &&
      ended.some(
        transaction =>
          transaction.result === 'abort' &&
          transaction.producerId === producerId &&
          transaction.firstOffset <= baseOffset &&
          baseOffset < transaction.markerOffset,
      )
    if (isAborted) continue
    for (let at = baseOffset; at <= lastOffset; at++) if (at >= range.offset) offsets.push(at)
  }
  return offsets
}

/** Reads as a client with read_committed does (KIP-98), piece by piece, and gives the offsets of what it keeps. */
export async function readCommitted(
  partition: Partition,
  from: number,
  maxBytes: number,
): Promise<number[]> {
  const offsets: number[] = []
  let offset = from
  for (;;) {
    const request = { offset, maxBytes, upTo: 'last stable offset', firstBatchWhole: true } as const
    const read = await partition.read(request)
    if (read.sizeBytes === 0) return offsets
    offset = await keepCommitted(partition, { read, offset }, offsets)
    read.release?.()
  }
}

async function keepCommitted(
  partition: Partition,
  { read, offset }: { readonly read: ReadResult; readonly offset: number },
  offsets: number[],
): Promise<number> {
  const batches = [...batchesOf(Buffer.concat(read.parts))]
  const endOffset = (batches.at(-1)?.lastOffset ?? -1) + 1
  const aborted = [...(await partition.abortedBetween(offset, endOffset))]
  const producers = new Set<number>()
  for (const batch of batches) {
    while (aborted[0] !== undefined && aborted[0].firstOffset <= batch.lastOffset)
      producers.add((aborted.shift() as { producerId: number }).producerId)
    if (batch.isControl) {
      const [record] = recordsOf(batch)
      if (record?.key?.readInt16BE(2) === 0) producers.delete(batch.producerId)
      continue
    }
    if (batch.isTransactional && producers.has(batch.producerId)) continue
    for (const record of recordsOf(batch, codecs))
      if (record.offset >= offset) offsets.push(record.offset)
  }
  return endOffset
}
