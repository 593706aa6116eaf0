/** What a client with `read_committed` makes of an answer to Fetch (KIP-98): the answer names the aborted transactions, their markers end them. */
import { batchesOf, recordsOf } from '@varve/protocol'
import { codecs } from '../model/codecs.ts'

export interface CommittedRecord {
  readonly offset: number
  readonly value: string
}

export interface FetchedPartition {
  readonly abortedTransactions:
    | readonly { readonly producerId: number; readonly firstOffset: number }[]
    | null
  readonly records: Uint8Array | null
}

/** The records from `from` on that are to be handed out, where to go on. */
export function committedIn(
  { records, abortedTransactions }: FetchedPartition,
  from: number,
): { readonly records: readonly CommittedRecord[]; readonly next: number } {
  const aborted = [...(abortedTransactions ?? [])].sort((a, b) => a.firstOffset - b.firstOffset)
  const producers = new Set<number>()
  const committed: CommittedRecord[] = []
  let next = from
  for (const batch of batchesOf(records ?? new Uint8Array())) {
    next = batch.lastOffset + 1
    while (aborted[0] !== undefined && aborted[0].firstOffset <= batch.lastOffset)
      producers.add(aborted.shift()?.producerId ?? -1)
    const all = [...recordsOf(batch, codecs)]
    if (batch.isControl) {
      if (all[0]?.key?.readInt16BE(2) === 0) producers.delete(batch.producerId)
      continue
    }
    if (producers.has(batch.producerId)) continue
    for (const { offset, value } of all)
      if (offset >= from) committed.push({ offset, value: value?.toString() ?? '' })
  }
  return { records: committed, next }
}
