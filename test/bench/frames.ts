import { BatchBuilder, crc32c, encodeRequest, Fetch, OffsetCommit, Produce } from '@varve/protocol'

/** The versions that all sides of a comparison speak: the last ones that name topics, so that bytes can be prepared. */
export const PRODUCE_VERSION = 12
export const FETCH_VERSION = 12
export const COMMIT_VERSION = 9

export interface ProduceFrameOptions {
  readonly topic: string
  readonly partition: number
  /** The value of one record. */
  readonly recordBytes: number
  /** As many records as fit; at least one. */
  readonly batchBytes: number
}

/** A whole Produce request, acks=all, one batch for one partition. */
export function produceFrame({
  topic,
  partition,
  recordBytes,
  batchBytes,
}: ProduceFrameOptions): Buffer {
  const records = batchOf(recordBytes, batchBytes)
  const request = {
    transactionalId: null,
    acks: -1,
    timeoutMs: 30_000,
    topicData: [{ name: topic, partitionData: [{ index: partition, records }] }],
  }
  const header = { correlationId: 1, clientId: 'bench' }
  return Buffer.concat(encodeRequest(Produce, PRODUCE_VERSION, header, request))
}

/** Where the count of records stands in a batch. */
const COUNT_AT = 57

/** How many records a batch of such a request has. */
export function recordsInBatch(recordBytes: number, batchBytes: number): number {
  const batch = batchOf(recordBytes, batchBytes)
  return new DataView(batch.buffer, batch.byteOffset).getInt32(COUNT_AT)
}

function batchOf(recordBytes: number, batchBytes: number): Uint8Array {
  const timestamp = Date.now()
  const value = Buffer.alloc(recordBytes, 'varve-')
  const builder = new BatchBuilder(batchBytes)
  do builder.append({ key: null, value, timestamp })
  while (builder.sizeBytes + builder.sizeWith({ key: null, value, timestamp }) <= batchBytes)
  return builder.build({ crc32c })
}

/** A whole OffsetCommit request of a client without membership, for the first partition. */
export function commitFrame(groupId: string, topic: string): Buffer {
  const partition = { partitionIndex: 0, committedOffset: 12_345, committedMetadata: null }
  const request = {
    groupId,
    generationIdOrMemberEpoch: -1,
    memberId: '',
    topics: [{ name: topic, partitions: [partition] }],
  }
  const header = { correlationId: 1, clientId: 'bench' }
  return Buffer.concat(encodeRequest(OffsetCommit, COMMIT_VERSION, header, request))
}

export interface FetchWaiting {
  readonly partition: number
  readonly minBytes: number
  readonly maxWaitMs: number
}

const AT_ONCE: FetchWaiting = { partition: 0, minBytes: 1, maxWaitMs: 500 }

/** A whole Fetch request without a session, for one partition from `offset` on; for the first, and not waiting for more than a byte, when left out. */
export function fetchFrame(
  topic: string,
  offset: number,
  maxBytes: number,
  { partition, minBytes, maxWaitMs }: FetchWaiting = AT_ONCE,
): Buffer {
  const request = {
    maxWaitMs,
    minBytes,
    maxBytes,
    isolationLevel: 0,
    sessionId: 0,
    sessionEpoch: -1,
    topics: [
      { topic, partitions: [{ partition, fetchOffset: offset, partitionMaxBytes: maxBytes }] },
    ],
    forgottenTopicsData: [],
    rackId: '',
  }
  const header = { correlationId: 1, clientId: 'bench' }
  return Buffer.concat(encodeRequest(Fetch, FETCH_VERSION, header, request))
}

/** Where the offset stands in such a request, before what is always the same: epoch, log start, size, tags, nothing forgotten, no rack. */
const OFFSET_FROM_END = 29

/** Lets a Fetch request that was made ask for another place. */
export function aimFetch(frame: Buffer, partition: number, offset: number): void {
  const at = frame.length - OFFSET_FROM_END
  frame.writeInt32BE(partition, at - 8)
  frame.writeInt32BE(Math.floor(offset / 2 ** 32), at)
  frame.writeUInt32BE(offset % 2 ** 32, at + 4)
}
