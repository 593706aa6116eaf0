/** Reading for consumers that want committed transactions only: with what they have to leave out. */
import { endOffsetOf } from '../log/batch-position.ts'
import { NOTHING_READ } from '../log/read-result.ts'
import type { Partition, ReadRequest, ReadResult } from '../replication/partition.ts'

/** What a fetch got of one partition. `aborted`: the transactions that were aborted, with a record in it; absent where nobody asked. */
export interface FetchedRecords extends ReadResult {
  readonly aborted?: AbortedTransactions
}

type AbortedTransactions = readonly { readonly producerId: number; readonly firstOffset: number }[]

/** Reads up to `request.upTo`, and looks up the aborted transactions where that is the last stable offset. Rejects with a `DiskError`. */
export function readRecords(
  partition: Partition,
  request: ReadRequest,
): FetchedRecords | Promise<FetchedRecords> {
  return request.upTo === 'last stable offset'
    ? readStable(partition, request)
    : partition.read(request)
}

/** Field by field: with a spread every answer had a shape of its own, and whoever read it paid for that. */
function withAborted(
  { parts, sizeBytes, release }: ReadResult,
  aborted: AbortedTransactions,
): FetchedRecords {
  return release === undefined
    ? { parts, sizeBytes, aborted }
    : { parts, sizeBytes, release, aborted }
}

/**
 * Records and aborted transactions must be those of the same segments: compaction takes aborted records and what is known of them away
 * together, and retention whole segments.
 */
function readStable(
  partition: Partition,
  request: ReadRequest,
): FetchedRecords | Promise<FetchedRecords> {
  const { offset } = request
  const replacements = partition.segmentReplacements
  const read = partition.read(request)
  if (read instanceof Promise)
    return read.then(result => settled(partition, request, { result, replacements }))
  const aborted = abortedIn(partition, offset, read)
  return aborted instanceof Promise
    ? settled(partition, request, { result: read, replacements })
    : withAborted(read, aborted)
}

async function settled(
  partition: Partition,
  request: ReadRequest,
  { result, replacements }: { readonly result: ReadResult; readonly replacements: number },
): Promise<FetchedRecords> {
  let aborted: AbortedTransactions
  try {
    aborted = await abortedIn(partition, request.offset, result)
  } catch (error) {
    result.release?.()
    throw error
  }
  const isGone = request.offset < partition.firstHeldOffset
  if (!isGone && replacements === partition.segmentReplacements) return withAborted(result, aborted)
  result.release?.()
  return isGone ? withAborted(NOTHING_READ, []) : readStable(partition, request)
}

function abortedIn(
  partition: Partition,
  offset: number,
  { parts }: ReadResult,
): AbortedTransactions | Promise<AbortedTransactions> {
  const last = parts.at(-1)
  if (last === undefined || !partition.mayHaveAborted(offset)) return []
  return partition.abortedBetween(offset, endOffsetOf(last))
}
