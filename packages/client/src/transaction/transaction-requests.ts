import {
  AddOffsetsToTxn,
  AddPartitionsToTxn,
  EndTxn,
  InitProducerId,
  TxnOffsetCommit,
} from '@varve/protocol'
import { byTopic } from '../cluster/by-topic.ts'
import type { Cluster } from '../cluster/cluster.ts'
import { Coordinator } from '../cluster/coordinator.ts'
import type { TopicPartition } from '../consumer/topic-partition.ts'
import { asError, ProtocolError, protocolError } from '../errors.ts'
import type { GroupMetadata } from '../group/membership.ts'
import type { OffsetToCommit } from '../group/offset-requests.ts'
import type { Connection } from '../network/connection.ts'
import type { ProducerIdentity } from '../producer/partition-queue.ts'
import { retrying } from '../retry.ts'
import { reactionTo } from './reaction.ts'
import type { TransactionVersion } from './transaction-version.ts'

/** The newest versions that mean transactions v1: newer ones belong to v2, or to the conversation of brokers (KIP-890). */
const NEWEST_OF_V1 = { addPartitions: 3, offsetCommit: 4, endTransaction: 4 } as const
/** What came of asking for the end of a transaction. */
export type EndOutcome =
  | { readonly type: 'ended'; readonly identity: ProducerIdentity | undefined }
  | {
      readonly type: 'refused'
      readonly error: Error
      /** Whether an earlier attempt may have ended it: its answer was lost. */
      readonly isInDoubt: boolean
    }

export interface TransactionRequestsParts {
  readonly cluster: Cluster
  readonly transactionalId: string
  readonly transactionTimeoutMs: number
}

/** What a producer asks of the coordinators; each request is repeated until it is answered for good or `apiTimeoutMs` is over. */
export class TransactionRequests {
  readonly #parts: TransactionRequestsParts
  readonly #coordinator: Coordinator
  readonly #groups = new Map<string, Coordinator>()

  constructor(parts: TransactionRequestsParts) {
    this.#parts = parts
    const { cluster, transactionalId: key } = parts
    this.#coordinator = new Coordinator(cluster, { type: 'transaction', key })
  }

  /** The connection to the coordinator; it knows what the cluster has agreed upon. */
  connection(options: AskOptions = {}): Promise<Connection> {
    const about = `reaching the coordinator of transactional id ${this.#parts.transactionalId}`
    return this.#ask({ ...options, about }, async connection => connection)
  }

  /** Gets an id and epoch. With `current`, the next epoch of it, unless somebody else has had one since (KIP-360). */
  initProducer(
    current: ProducerIdentity | undefined,
    options: AskOptions = {},
  ): Promise<ProducerIdentity> {
    const { transactionalId, transactionTimeoutMs } = this.#parts
    const about = `getting a producer id for transactional id ${transactionalId}`
    return this.#ask({ ...options, about }, async (connection, timeoutMs) => {
      const request = { transactionalId, transactionTimeoutMs, ...current }
      const answer = await connection.request(InitProducerId, request, { timeoutMs })
      throwError(answer.errorCode, about)
      return { producerId: answer.producerId, producerEpoch: answer.producerEpoch }
    })
  }

  /** Makes partitions part of the transaction (v1). */
  addPartitions(
    identity: ProducerIdentity,
    partitions: readonly TopicPartition[],
    options: AskOptions,
  ): Promise<void> {
    const { transactionalId } = this.#parts
    const names = partitions.map(({ topic, partition }) => `${topic}-${partition}`).join(', ')
    const about = `adding ${names} to the transaction of ${transactionalId}`
    return this.#ask({ ...options, about }, async (connection, timeoutMs) => {
      const request = {
        v3AndBelowTransactionalId: transactionalId,
        v3AndBelowProducerId: identity.producerId,
        v3AndBelowProducerEpoch: identity.producerEpoch,
        v3AndBelowTopics: byTopic(partitions).map(([name, items]) => ({
          name,
          partitions: items.map(({ partition }) => partition),
        })),
      }
      const newestVersion = NEWEST_OF_V1.addPartitions
      const answer = await connection.request(AddPartitionsToTxn, request, {
        timeoutMs,
        newestVersion,
      })
      const results = answer.resultsByTopicV3AndBelow.flatMap(
        ({ resultsByPartition }) => resultsByPartition,
      )
      throwWorst(
        results.map(({ partitionErrorCode }) => partitionErrorCode),
        about,
      )
    })
  }

  /** Makes the offsets of a group part of the transaction (v1). */
  addOffsets(identity: ProducerIdentity, groupId: string, options: AskOptions): Promise<void> {
    const { transactionalId } = this.#parts
    const about = `adding offsets of group ${groupId} to the transaction of ${transactionalId}`
    return this.#ask({ ...options, about }, async (connection, timeoutMs) => {
      const request = { transactionalId, ...identity, groupId }
      const answer = await connection.request(AddOffsetsToTxn, request, { timeoutMs })
      throwError(answer.errorCode, about)
    })
  }

  /** Commits offsets of a group as a part of the transaction, as the member that read up to them (KIP-447). */
  commitOffsets(
    { identity, version }: { identity: ProducerIdentity; version: TransactionVersion },
    group: GroupMetadata,
    offsets: readonly OffsetToCommit[],
    options: AskOptions,
  ): Promise<void> {
    const { transactionalId } = this.#parts
    const { groupId, memberId, generationIdOrMemberEpoch: generationId, groupInstanceId } = group
    const about = `committing offsets of group ${groupId} in the transaction of ${transactionalId}`
    const how = { ...options, about, coordinator: this.#groupCoordinator(groupId) }
    return this.#ask(how, async (connection, timeoutMs) => {
      const request = {
        ...{ transactionalId, groupId, ...identity },
        ...{ generationId, memberId, groupInstanceId },
        topics: byTopic(offsets).map(([name, items]) => ({
          name,
          partitions: items.map(({ partition, offset, metadata }) => ({
            partitionIndex: partition,
            committedOffset: offset,
            committedMetadata: metadata ?? null,
          })),
        })),
      }
      const newestVersion = version === 1 ? NEWEST_OF_V1.offsetCommit : TxnOffsetCommit.versions[1]
      const answer = await connection.request(TxnOffsetCommit, request, {
        timeoutMs,
        newestVersion,
      })
      const results = answer.topics.flatMap(({ partitions }) => partitions)
      throwWorst(
        results.map(({ errorCode }) => errorCode),
        about,
      )
    })
  }

  /** Commits or aborts. With v2 the answer is the identity of the next transaction. */
  async end(
    { identity, version }: { identity: ProducerIdentity; version: TransactionVersion },
    result: 'commit' | 'abort',
  ): Promise<EndOutcome> {
    const { transactionalId } = this.#parts
    const verb = result === 'commit' ? 'committing' : 'aborting'
    const about = `${verb} the transaction of ${transactionalId}`
    const newestVersion = version === 1 ? NEWEST_OF_V1.endTransaction : EndTxn.versions[1]
    let isInDoubt = false
    try {
      return await this.#ask({ about }, async (connection, timeoutMs): Promise<EndOutcome> => {
        const request = { transactionalId, ...identity, committed: result === 'commit' }
        try {
          const answer = await connection.request(EndTxn, request, { timeoutMs, newestVersion })
          throwError(answer.errorCode, about)
          const { producerId, producerEpoch } = answer
          const next = producerId < 0 ? undefined : { producerId, producerEpoch }
          return { type: 'ended', identity: next }
        } catch (error) {
          // Even a coordinator that says it is none, or not ready, may have written the decision down before; and without its answer, such as
          // when the client was closed meanwhile, nobody knows.
          const reaction = reactionTo(error)
          const isAnswer = error instanceof ProtocolError
          isInDoubt ||= !isAnswer || reaction === 'retry' || reaction === 'find-coordinator'
          throw error
        }
      })
    } catch (error) {
      return { type: 'refused', error: asError(error), isInDoubt }
    }
  }

  #groupCoordinator(groupId: string): Coordinator {
    const known = this.#groups.get(groupId)
    if (known !== undefined) return known
    const coordinator = new Coordinator(this.#parts.cluster, { type: 'group', key: groupId })
    this.#groups.set(groupId, coordinator)
    return coordinator
  }

  #ask<T>(
    { about, signal, onSending, coordinator = this.#coordinator }: Asking,
    attempt: (connection: Connection, timeoutMs: number) => Promise<T>,
  ): Promise<T> {
    const { settings } = this.#parts.cluster
    const { apiTimeoutMs: timeoutMs, requestTimeoutMs } = settings
    return retrying(settings, { about, timeoutMs, signal }, async remainingMs => {
      try {
        const connection = await coordinator.connection('requests')
        signal?.throwIfAborted()
        onSending?.()
        return await attempt(connection, Math.min(remainingMs, requestTimeoutMs))
      } catch (error) {
        if (reactionTo(error) === 'find-coordinator') coordinator.forget()
        throw error
      }
    })
  }
}

export interface AskOptions {
  /** Asks no more once it is aborted. */
  readonly signal?: AbortSignal | undefined
  /** From now on the coordinator may have it, whatever comes of the answer. */
  readonly onSending?: () => void
}

interface Asking extends AskOptions {
  readonly about: string
  readonly coordinator?: Coordinator
}

function throwError(errorCode: number, about: string): void {
  const error = protocolError(errorCode, { about })
  if (error !== undefined) throw error
}

/** Of several errors, one that asking again does not cure says more than one that it may. */
function throwWorst(errorCodes: readonly number[], about: string): void {
  const errors = errorCodes
    .map(errorCode => protocolError(errorCode, { about }))
    .filter((error): error is ProtocolError => error !== undefined)
  const told = errors.filter(({ error }) => error !== 'OPERATION_NOT_ATTEMPTED')
  const worst = told.find(({ retriable }) => !retriable) ?? told[0] ?? errors[0]
  if (worst !== undefined) throw worst
}
