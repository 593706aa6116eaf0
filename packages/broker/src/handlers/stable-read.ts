/** Reading for consumers that want committed transactions only: with what they have to leave out. */
import { endOffsetOf } from '../log/batch-position.ts'
import type { Partition, ReadRequest, ReadResult } from '../replication/partition.ts'

/** What a fetch got of one partition. `aborted`: the transactions that were aborted, with a record in it; undefined where nobody asked. */
export interface FetchedRecords extends ReadResult {
  readonly aborted: AbortedTransactions | undefined
}

type AbortedTransactions = readonly { readonly producerId: number; readonly firstOffset: number }[]

/** Reads up to `request.upTo`, and looks up the aborted transactions where that is the last stable offset. Rejects with a `DiskError`. */
export function readRecords(
  partition: Partition,
  request: ReadRequest,
): FetchedRecords | Promise<FetchedRecords> {
  const read = partition.read(request)
  if (request.upTo !== 'last stable offset') {
    return read instanceof Promise ? read.then(withoutAborted) : withoutAborted(read)
  }
  return read instanceof Promise
    ? read.then(result => withAborted(partition, request.offset, result))
    : withAborted(partition, request.offset, read)
}

function withoutAborted(read: ReadResult): FetchedRecords {
  return { ...read, aborted: undefined }
}

function withAborted(
  partition: Partition,
  offset: number,
  read: ReadResult,
): FetchedRecords | Promise<FetchedRecords> {
  const last = read.parts.at(-1)
  if (last === undefined || !partition.mayHaveAborted(offset)) return { ...read, aborted: [] }
  const aborted = partition.abortedBetween(offset, endOffsetOf(last))
  if (!(aborted instanceof Promise)) return { ...read, aborted }
  return aborted.then(
    found => ({ ...read, aborted: found }),
    error => {
      read.release?.()
      throw error
    },
  )
}
