/** A transactional producer by the raw protocol: each request as a client of v1 (KIP-98) or v2 (KIP-890) sends it, with nothing done about its answer. */
import {
  AddOffsetsToTxn,
  AddPartitionsToTxn,
  CreateTopics,
  DescribeTransactions,
  EndTxn,
  type ErrorName,
  errorName,
  Fetch,
  FindCoordinator,
  InitProducerId,
  OffsetFetch,
  Produce,
  TxnOffsetCommit,
} from '@varve/protocol'
import type { RawConnection } from './raw-connection.ts'
import { committedIn } from './read-committed.ts'
import { batchOf } from './record-batches.ts'

export const TOPIC = 'orders'
export const GROUP = 'readers'

const VERSIONS = {
  1: { init: 4, produce: 11, offsets: 4, end: 4 },
  2: { init: 5, produce: 12, offsets: 5, end: 5 },
} as const

/** What the coordinator says while it loads or completes something. */
const PASSING: ReadonlySet<ErrorName> = new Set<ErrorName>([
  'CONCURRENT_TRANSACTIONS',
  'COORDINATOR_LOAD_IN_PROGRESS',
  'COORDINATOR_NOT_AVAILABLE',
  'NOT_ENOUGH_REPLICAS',
])

export class TransactionalClient {
  readonly transactionalId: string
  readonly version: 1 | 2
  connection: RawConnection
  producer = { producerId: -1, producerEpoch: -1 }
  readonly #sequences = new Map<number, number>()

  constructor(
    connection: RawConnection,
    given: { readonly transactionalId: string; readonly version: 1 | 2 },
  ) {
    this.connection = connection
    this.transactionalId = given.transactionalId
    this.version = given.version
  }

  /** Asks for an id and epoch, or with `current` for the epoch after its own (KIP-360). */
  async init(current?: 'current', transactionTimeoutMs = 60_000): Promise<ErrorName> {
    const { transactionalId, producer } = this
    return await this.#again(async () => {
      const { errorCode, ...next } = await this.connection.request(
        InitProducerId,
        VERSIONS[this.version].init,
        { transactionalId, transactionTimeoutMs, ...(current === undefined ? {} : producer) },
      )
      if (errorCode === 0) this.#goOnAs(next)
      return errorName(errorCode)
    })
  }

  /** Of v1: tells the coordinator that partitions join. */
  async add(...partitions: number[]): Promise<ErrorName> {
    return await this.#again(async () => {
      const answer = await this.connection.request(AddPartitionsToTxn, 3, {
        v3AndBelowTransactionalId: this.transactionalId,
        v3AndBelowProducerId: this.producer.producerId,
        v3AndBelowProducerEpoch: this.producer.producerEpoch,
        v3AndBelowTopics: [{ name: TOPIC, partitions }],
      })
      const [topic] = answer.resultsByTopicV3AndBelow
      return errorName(topic?.resultsByPartition[0]?.partitionErrorCode ?? -1)
    })
  }

  /** Sends a record without waiting for its answer. */
  sendRecord(partition: number, value: string): void {
    const baseSequence = this.#sequences.get(partition) ?? 0
    this.#sequences.set(partition, baseSequence + 1)
    const { producer, transactionalId } = this
    const records = batchOf({ ...producer, values: [value], baseSequence, isTransactional: true })
    const topicData = [{ name: TOPIC, partitionData: [{ index: partition, records }] }]
    const request = { transactionalId, acks: -1, timeoutMs: 5_000, topicData }
    this.connection.send(Produce, VERSIONS[this.version].produce, request)
  }

  /** Adds the partition if the version wants that, and writes the record. */
  async write(partition: number, value: string): Promise<ErrorName> {
    if (this.version === 1) {
      const error = await this.add(partition)
      if (error !== 'NONE') return error
    }
    this.sendRecord(partition, value)
    return producedIn(await this.connection.next(Produce, VERSIONS[this.version].produce))
  }

  /** Of v1: tells the coordinator that the offsets of the group join. */
  async addOffsets(): Promise<ErrorName> {
    const { transactionalId, producer } = this
    const request = { transactionalId, ...producer, groupId: GROUP }
    return await this.#again(async () => {
      const { errorCode } = await this.connection.request(AddOffsetsToTxn, 3, request)
      return errorName(errorCode)
    })
  }

  sendOffset(committedOffset: number): void {
    const { transactionalId, producer, version } = this
    const place = { partitionIndex: 0, committedOffset, committedMetadata: null }
    this.connection.send(TxnOffsetCommit, VERSIONS[version].offsets, {
      ...{ transactionalId, groupId: GROUP, memberId: '', ...producer },
      topics: [{ name: TOPIC, partitions: [place] }],
    })
  }

  async commitOffset(committedOffset: number): Promise<ErrorName> {
    if (this.version === 1) {
      const error = await this.addOffsets()
      if (error !== 'NONE') return error
    }
    return await this.#again(async () => {
      this.sendOffset(committedOffset)
      const answer = await this.connection.next(TxnOffsetCommit, VERSIONS[this.version].offsets)
      return errorName(answer.topics[0]?.partitions[0]?.errorCode ?? -1)
    })
  }

  sendEnd(result: 'commit' | 'abort'): void {
    const { transactionalId, producer, version } = this
    const request = { transactionalId, ...producer, committed: result === 'commit' }
    this.connection.send(EndTxn, VERSIONS[version].end, request)
  }

  async end(result: 'commit' | 'abort'): Promise<ErrorName> {
    return await this.#again(async () => {
      this.sendEnd(result)
      const { errorCode, ...next } = await this.connection.next(EndTxn, VERSIONS[this.version].end)
      if (errorCode === 0 && this.version === 2) this.#goOnAs(next)
      return errorName(errorCode)
    })
  }

  #goOnAs(next: { readonly producerId: number; readonly producerEpoch: number }): void {
    const { producerId, producerEpoch } = next
    this.producer = { producerId, producerEpoch }
    this.#sequences.clear()
  }

  async #again(ask: () => Promise<ErrorName>): Promise<ErrorName> {
    for (;;) {
      const error = await ask()
      if (!PASSING.has(error)) return error
    }
  }
}

export function producedIn(answer: {
  readonly responses: readonly {
    readonly partitionResponses: readonly { readonly errorCode: number }[]
  }[]
}): ErrorName {
  return errorName(answer.responses[0]?.partitionResponses[0]?.errorCode ?? -1)
}

export async function makeOrders(connection: RawConnection, numPartitions = 2): Promise<void> {
  const topic = { name: TOPIC, numPartitions, replicationFactor: 1, assignments: [], configs: [] }
  await connection.request(CreateTopics, 7, {
    ...{ topics: [topic], timeoutMs: 5000 },
    validateOnly: false,
  })
  // The first who looks for the coordinator of a group makes the topic of all of them.
  await connection.request(FindCoordinator, 4, { keyType: 0, coordinatorKeys: [GROUP] })
}

/** What a reader of committed records gets of a partition, and where it is stable and ends. */
export async function readCommitted(connection: RawConnection, partition: number) {
  const values: string[] = []
  for (let at = 0; ; ) {
    const partitions = [{ partition, fetchOffset: at, partitionMaxBytes: 1_000_000 }]
    const answer = await connection.request(Fetch, 12, {
      ...{ replicaId: -1, maxWaitMs: 0, minBytes: 0, maxBytes: 1_000_000, isolationLevel: 1 },
      topics: [{ topic: TOPIC, partitions }],
    })
    const [found] = answer.responses[0]?.partitions ?? []
    if (found === undefined) throw new Error('a fetch is answered')
    const { records, next } = committedIn(found, at)
    values.push(...records.map(({ value }) => value))
    const { lastStableOffset: stable, highWatermark: end } = found
    if (next === at) return { values, stable, end }
    at = next
  }
}

/** The group's committed offset of the first partition; -1 for none. */
export async function committedOffset(connection: RawConnection): Promise<number> {
  const topics = [{ name: TOPIC, partitionIndexes: [0] }]
  for (;;) {
    const { groups } = await connection.request(OffsetFetch, 9, {
      groups: [{ groupId: GROUP, topics }],
      requireStable: true,
    })
    const [found] = groups[0]?.topics[0]?.partitions ?? []
    const error = errorName(groups[0]?.errorCode || (found?.errorCode ?? 0))
    if (error === 'NONE') return found?.committedOffset ?? -1
    if (error !== 'UNSTABLE_OFFSET_COMMIT' && !PASSING.has(error)) throw new Error(error)
  }
}

/** Waits until the transactional id is in this state. */
export async function untilState(
  connection: RawConnection,
  transactionalId: string,
  wanted: string,
): Promise<void> {
  for (;;) {
    const answer = await connection.request(DescribeTransactions, 0, {
      transactionalIds: [transactionalId],
    })
    const [described] = answer.transactionStates
    if (described?.errorCode === 0 && described.transactionState === wanted) return
  }
}
