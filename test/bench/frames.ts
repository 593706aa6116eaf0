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
  const records = batch(recordBytes, batchBytes)
  const request = {
    transactionalId: null,
    acks: -1,
    timeoutMs: 30_000,
    topicData: [{ name: topic, partitionData: [{ index: partition, records }] }],
  }
  const header = { correlationId: 1, clientId: 'bench' }
  return Buffer.concat(encodeRequest(Produce, PRODUCE_VERSION, header, request))
}

function batch(recordBytes: number, batchBytes: number): Uint8Array {
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

/** A whole Fetch request without a session, for one partition from `offset` on. */
export function fetchFrame(topic: string, offset: number, maxBytes: number): Buffer {
  const partitions = [{ partition: 0, fetchOffset: offset, partitionMaxBytes: maxBytes }]
  const request = {
    maxWaitMs: 500,
    minBytes: 1,
    maxBytes,
    isolationLevel: 0,
    sessionId: 0,
    sessionEpoch: -1,
    topics: [{ topic, partitions }],
    forgottenTopicsData: [],
    rackId: '',
  }
  const header = { correlationId: 1, clientId: 'bench' }
  return Buffer.concat(encodeRequest(Fetch, FETCH_VERSION, header, request))
}
