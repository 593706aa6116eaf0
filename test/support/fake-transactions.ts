import {
  AddOffsetsToTxn,
  AddPartitionsToTxn,
  type Api,
  EndTxn,
  type ErrorName,
  errorCode,
  FindCoordinator,
  InitProducerId,
  type RequestOf,
  TxnOffsetCommit,
} from '@varve/protocol'
import type { FakeCluster } from './fake-broker.ts'

/** How a transaction ended, as the coordinator decided. */
export interface FakeEnd {
  readonly result: 'commit' | 'abort'
  readonly producerEpoch: number
  readonly partitions: readonly string[]
}

/**
 * The coordinator of one transactional id on a fake cluster, with Kafka's rules of epochs for transactions v1 and v2. It takes
 * no part in Produce: whether partitions were added is looked at by the test.
 */
export class FakeTransactions {
  readonly cluster: FakeCluster
  readonly ends: FakeEnd[] = []
  /** `group: topic-partition offset`, of all that was committed in transactions. */
  readonly offsets: string[] = []
  coordinatorId: number
  producerId = 77
  producerEpoch = -1
  #partitions: string[] = []
  /** The epoch of the producer that asked for the present one. */
  #bumpedFrom: number | undefined
  #last: { readonly result: 'commit' | 'abort'; readonly epoch: number } | undefined

  constructor(cluster: FakeCluster, options: { version: 1 | 2; coordinatorId?: number }) {
    this.cluster = cluster
    this.coordinatorId = options.coordinatorId ?? 1
    cluster.features.set('transaction.version', options.version)
    cluster.always(FindCoordinator, ({ coordinatorKeys }) => ({
      coordinators: coordinatorKeys.map(key => ({
        ...{ key, nodeId: this.coordinatorId, host: `broker-${this.coordinatorId}`, port: 9092 },
        ...{ errorCode: 0, errorMessage: null },
      })),
    }))
    cluster.always(InitProducerId, request => this.init(request))
    cluster.always(AddPartitionsToTxn, request => this.addPartitions(request))
    cluster.always(AddOffsetsToTxn, ({ producerEpoch, groupId }) => {
      if (producerEpoch === this.producerEpoch) this.#partitions.push(`offsets of ${groupId}`)
      return { errorCode: this.#epochError(producerEpoch) }
    })
    cluster.always(TxnOffsetCommit, request => this.#commitOffsets(request))
    cluster.always(EndTxn, (request, { version }) => this.end(request, version))
  }

  /** The next requests of this API are answered with these errors. */
  refuse(api: Api, ...names: readonly ErrorName[]): void {
    for (const name of names)
      this.cluster.next(api, request => refusal(api, request, errorCode(name)) as never)
  }

  /** What another producer with the id does when it starts. */
  fence(): void {
    this.producerEpoch += 1
    this.#bumpedFrom = undefined
    this.#last = { result: 'abort', epoch: -1 }
  }

  /** The time of the transaction is over: with v2 its producer may still learn the next epoch. */
  timeOut(): void {
    this.#last = { result: 'abort', epoch: this.producerEpoch }
    this.producerEpoch += 1
    this.#bumpedFrom = undefined
    this.#partitions = []
  }

  /** Public, so that a script can carry a request out and lose its answer. */
  init({ producerId, producerEpoch }: RequestOf<typeof InitProducerId>) {
    const isKnown = producerId === this.producerId && producerEpoch === this.producerEpoch
    // The answer to the same request was lost.
    const isRetry = producerId === this.producerId && producerEpoch === this.#bumpedFrom
    if (producerId >= 0 && !isKnown && !isRetry) return refusedInit(errorCode('PRODUCER_FENCED'))
    if (!isRetry) {
      this.#bumpedFrom = producerId < 0 ? undefined : producerEpoch
      this.producerEpoch += 1
      this.#partitions = []
    }
    return { errorCode: 0, producerId: this.producerId, producerEpoch: this.producerEpoch }
  }

  /** Public for the same reason. */
  end({ committed, producerEpoch }: RequestOf<typeof EndTxn>, version: number) {
    const result = committed ? 'commit' : 'abort'
    const next = () =>
      version < 5
        ? { errorCode: 0 }
        : { errorCode: 0, producerId: this.producerId, producerEpoch: this.producerEpoch }
    const isRetry = this.#last?.epoch === producerEpoch && producerEpoch + 1 === this.producerEpoch
    if (version >= 5 && isRetry)
      return this.#last?.result === result ? next() : { errorCode: errorCode('INVALID_TXN_STATE') }
    if (producerEpoch !== this.producerEpoch) return { errorCode: errorCode('PRODUCER_FENCED') }
    if (version < 5 && this.#partitions.length === 0)
      return this.#last?.result === result && this.#last.epoch === producerEpoch
        ? next()
        : { errorCode: errorCode('INVALID_TXN_STATE') }
    this.ends.push({ result, producerEpoch, partitions: this.#partitions })
    this.#partitions = []
    this.#last = { result, epoch: producerEpoch }
    if (version >= 5) {
      this.producerEpoch += 1
      this.#bumpedFrom = undefined
    }
    return next()
  }

  addPartitions({
    v3AndBelowTopics,
    v3AndBelowProducerEpoch,
  }: RequestOf<typeof AddPartitionsToTxn>) {
    const partitionErrorCode = this.#epochError(v3AndBelowProducerEpoch)
    return {
      resultsByTopicV3AndBelow: v3AndBelowTopics.map(({ name, partitions }) => ({
        name,
        resultsByPartition: partitions.map(partitionIndex => {
          if (partitionErrorCode === 0) this.#partitions.push(`${name}-${partitionIndex}`)
          return { partitionIndex, partitionErrorCode }
        }),
      })),
    }
  }

  #commitOffsets(request: RequestOf<typeof TxnOffsetCommit>) {
    const { groupId, topics, producerEpoch } = request
    const code = this.#epochError(producerEpoch)
    if (code === 0)
      for (const { name, partitions } of topics)
        for (const { partitionIndex, committedOffset } of partitions)
          this.offsets.push(`${groupId}: ${name}-${partitionIndex} ${committedOffset}`)
    return offsetAnswer(request, code)
  }

  #epochError(producerEpoch: number): number {
    return producerEpoch === this.producerEpoch ? 0 : errorCode('INVALID_PRODUCER_EPOCH')
  }
}

function refusal(api: Api, request: unknown, code: number) {
  switch (api.key) {
    case InitProducerId.key:
      return refusedInit(code)
    case AddPartitionsToTxn.key: {
      const { v3AndBelowTopics } = request as RequestOf<typeof AddPartitionsToTxn>
      return {
        resultsByTopicV3AndBelow: v3AndBelowTopics.map(({ name, partitions }) => ({
          name,
          resultsByPartition: partitions.map(partitionIndex => ({
            partitionIndex,
            partitionErrorCode: code,
          })),
        })),
      }
    }
    case TxnOffsetCommit.key:
      return offsetAnswer(request as RequestOf<typeof TxnOffsetCommit>, code)
  }
  return { errorCode: code }
}

function refusedInit(code: number) {
  return { errorCode: code, producerId: -1, producerEpoch: -1 }
}

function offsetAnswer({ topics }: RequestOf<typeof TxnOffsetCommit>, code: number) {
  return {
    topics: topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode: code })),
    })),
  }
}
