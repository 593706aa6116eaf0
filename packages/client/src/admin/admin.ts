import { type CallOptions, callOf } from '../cluster/ask.ts'
import { Cluster } from '../cluster/cluster.ts'
import {
  deleteRecords,
  listOffsets,
  type OffsetQuery,
  offsetForLeaderEpoch,
} from '../cluster/offsets.ts'
import type {
  DeletedRecords,
  EpochEnd,
  ListedOffset,
  PartitionOutcome,
} from '../cluster/outcome.ts'
import type { TopicPartition } from '../consumer/topic-partition.ts'
import type { OffsetToCommit } from '../group/offset-requests.ts'
import type { ClientSettings } from '../settings.ts'
import {
  alterConfigs,
  type DescribeConfigsOptions,
  describeConfigs,
  incrementalAlterConfigs,
  listConfigResources,
} from './configs.ts'
import { describeCluster, describeLogDirs } from './describe.ts'
import { describeGroups } from './describe-groups.ts'
import {
  alterGroupOffsets,
  deleteGroupOffsets,
  type GroupOffsetsOptions,
  groupOffsets,
} from './group-offsets.ts'
import type {
  DescribedGroup,
  GroupOffsets,
  GroupOffsetsQuery,
  GroupOutcome,
  ListedGroup,
  ListGroupsOptions,
  MemberToRemove,
  RemovedMember,
} from './group-results.ts'
import { deleteGroups, listGroups, removeMembers } from './groups.ts'
import { type AdminOptions, adminTimeoutMs, type ChangeOptions } from './options.ts'
import { abortTransaction, describeProducers } from './producers.ts'
import type {
  ConfigChanges,
  ConfigOutcome,
  ConfigReplacement,
  ConfigResource,
  ConfigResourceType,
  CreatedTopic,
  DeletedTopic,
  DescribedCluster,
  DescribedConfigs,
  DescribedLogDir,
  DescribedTopic,
  ListedTopic,
  NewPartitions,
  NewTopic,
  TopicOutcome,
} from './results.ts'
import {
  createPartitions,
  createTopics,
  deleteTopics,
  describeTopics,
  listTopics,
} from './topics.ts'
import type {
  DescribedProducers,
  DescribedTransaction,
  FencedProducer,
  ListedTransaction,
  ListTransactionsOptions,
  TransactionToAbort,
} from './transaction-results.ts'
import { describeTransactions, fenceProducers, listTransactions } from './transactions.ts'

/**
 * Looks after topics, settings, offsets, groups and transactions. Calls on several things resolve with one result for each, which carries its own
 * `error`; they reject only when the cluster could not be asked at all.
 *
 * @example
 * ```ts
 * await using admin = varve.admin()
 * const [orders] = await admin.createTopics([{ name: 'orders', partitions: 3 }])
 * if (orders?.error) throw orders.error
 * ```
 */
export class Admin {
  readonly #cluster: Cluster
  readonly #timeoutMs: number

  /** Made by `varve.admin()`. */
  constructor(settings: ClientSettings, options: AdminOptions) {
    this.#timeoutMs = adminTimeoutMs(options, settings.apiTimeoutMs)
    this.#cluster = new Cluster(settings, { missingTopics: 'report' })
  }

  createTopics(topics: readonly NewTopic[], options: ChangeOptions = {}): Promise<CreatedTopic[]> {
    return createTopics(this.#call(options), topics, options.validateOnly ?? false)
  }

  deleteTopics(names: readonly string[], options: CallOptions = {}): Promise<DeletedTopic[]> {
    return deleteTopics(this.#call(options), names)
  }

  /** All topics, internal ones included, by name. */
  listTopics(options: CallOptions = {}): Promise<ListedTopic[]> {
    return listTopics(this.#call(options))
  }

  describeTopics(names: readonly string[], options: CallOptions = {}): Promise<DescribedTopic[]> {
    return describeTopics(this.#call(options), names)
  }

  /** `count` is the number of partitions that a topic is to have in all; it can only grow. */
  createPartitions(
    topics: readonly NewPartitions[],
    options: ChangeOptions = {},
  ): Promise<TopicOutcome[]> {
    return createPartitions(this.#call(options), topics, options.validateOnly ?? false)
  }

  describeConfigs(
    resources: readonly ConfigResource[],
    options: DescribeConfigsOptions & CallOptions = {},
  ): Promise<DescribedConfigs[]> {
    return describeConfigs(this.#call(options), resources, options)
  }

  /** Changes only what is named. */
  incrementalAlterConfigs(
    changes: readonly ConfigChanges[],
    options: ChangeOptions = {},
  ): Promise<ConfigOutcome[]> {
    return incrementalAlterConfigs(this.#call(options), changes, options.validateOnly ?? false)
  }

  /** Replaces all: a setting that is not named goes back to its default. Prefer `incrementalAlterConfigs`. */
  alterConfigs(
    replacements: readonly ConfigReplacement[],
    options: ChangeOptions = {},
  ): Promise<ConfigOutcome[]> {
    return alterConfigs(this.#call(options), replacements, options.validateOnly ?? false)
  }

  /** What has settings of its own; of some types only when they are named. */
  listConfigResources(
    options: CallOptions & { readonly types?: readonly ConfigResourceType[] } = {},
  ): Promise<ConfigResource[]> {
    return listConfigResources(this.#call(options), options.types ?? [])
  }

  describeCluster(options: CallOptions = {}): Promise<DescribedCluster> {
    return describeCluster(this.#call(options))
  }

  /** One result per log directory of each broker. */
  describeLogDirs(
    options: CallOptions & { readonly brokerIds?: readonly number[] } = {},
  ): Promise<DescribedLogDir[]> {
    return describeLogDirs(this.#call(options), options.brokerIds)
  }

  /** Removes all records before `offset`; -1 stands for the high watermark, so for all that can be read. */
  deleteRecords(
    before: readonly {
      readonly topic: string
      readonly partition: number
      readonly offset: number
    }[],
    options: CallOptions = {},
  ): Promise<DeletedRecords[]> {
    return deleteRecords(this.#call(options), before)
  }

  listOffsets(
    queries: readonly OffsetQuery[],
    options: CallOptions & { readonly isolationLevel?: 'read_uncommitted' | 'read_committed' } = {},
  ): Promise<ListedOffset[]> {
    return listOffsets(this.#call(options), queries, options.isolationLevel ?? 'read_uncommitted')
  }

  /** Where the log of a leader epoch ended: what tells a client whether records that it saw are gone (KIP-320). */
  offsetForLeaderEpoch(
    queries: readonly {
      readonly topic: string
      readonly partition: number
      readonly leaderEpoch: number
    }[],
    options: CallOptions = {},
  ): Promise<EpochEnd[]> {
    return offsetForLeaderEpoch(this.#call(options), queries)
  }

  /** All groups, by name, or those in some states (KIP-518) or of some types (KIP-848). */
  listGroups(options: CallOptions & ListGroupsOptions = {}): Promise<ListedGroup[]> {
    return listGroups(this.#call(options), options)
  }

  /** Groups of consumers with their members, classic ones and those of KIP-848. */
  describeGroups(
    groupIds: readonly string[],
    options: CallOptions = {},
  ): Promise<DescribedGroup[]> {
    return describeGroups(this.#call(options), groupIds)
  }

  /** Deletes groups that have no members, with all that they committed (KIP-229). */
  deleteGroups(groupIds: readonly string[], options: CallOptions = {}): Promise<GroupOutcome[]> {
    return deleteGroups(this.#call(options), groupIds)
  }

  /**
   * What groups have committed, of some partitions or of all. A group that does not exist has committed nothing.
   *
   * @example
   * ```ts
   * const [billing] = await admin.groupOffsets([{ groupId: 'billing' }])
   * for (const { topic, partition, offset } of billing?.offsets ?? []) console.log(topic, partition, offset)
   * ```
   */
  groupOffsets(
    queries: readonly GroupOffsetsQuery[],
    options: CallOptions & GroupOffsetsOptions = {},
  ): Promise<GroupOffsets[]> {
    return groupOffsets(this.#call(options), queries, options)
  }

  /**
   * Sets what a group has committed, so that its consumers go on from there. Only for a group without members: others are
   * refused with `UNKNOWN_MEMBER_ID`. A group that does not exist is created.
   *
   * @example
   * ```ts
   * const [moved] = await admin.alterGroupOffsets('billing', [{ topic: 'orders', partition: 0, offset: 17 }])
   * if (moved?.error) throw moved.error
   * ```
   */
  alterGroupOffsets(
    groupId: string,
    offsets: readonly OffsetToCommit[],
    options: CallOptions = {},
  ): Promise<PartitionOutcome[]> {
    return alterGroupOffsets(this.#call(options), groupId, offsets)
  }

  /** Forgets what a group has committed of partitions whose topics none of its members reads (KIP-496). */
  deleteGroupOffsets(
    groupId: string,
    partitions: readonly TopicPartition[],
    options: CallOptions = {},
  ): Promise<PartitionOutcome[]> {
    return deleteGroupOffsets(this.#call(options), groupId, partitions)
  }

  /** Takes members out of a group; one that still runs joins again, unless it is a static one, which is fenced (KIP-345). */
  removeMembers(
    groupId: string,
    members: readonly MemberToRemove[],
    options: CallOptions & {
      /** What the broker notes in its log (KIP-800). Default: that an admin did it. */
      readonly reason?: string
    } = {},
  ): Promise<RemovedMember[]> {
    const { reason = 'removed by an admin' } = options
    return removeMembers(this.#call(options), { groupId, members, reason })
  }

  /** Transactional ids and the states of their transactions, by id (KIP-664). */
  listTransactions(
    options: CallOptions & ListTransactionsOptions = {},
  ): Promise<ListedTransaction[]> {
    return listTransactions(this.#call(options), options)
  }

  /** The transactions of these ids: since when they are open, in which partitions, and how long they may take (KIP-664). */
  describeTransactions(
    transactionalIds: readonly string[],
    options: CallOptions = {},
  ): Promise<DescribedTransaction[]> {
    return describeTransactions(this.#call(options), transactionalIds)
  }

  /** Who has written to partitions lately, and which of them have a transaction open there (KIP-664). */
  describeProducers(
    partitions: readonly TopicPartition[],
    options: CallOptions = {},
  ): Promise<DescribedProducers[]> {
    return describeProducers(this.#call(options), partitions)
  }

  /**
   * Aborts what a producer has open in one partition, past its coordinator: for a transaction that hangs there and that no
   * coordinator knows of (KIP-664). For all others there is `fenceProducers`: a marker that the coordinator does not know of
   * tears a transaction apart that it may still commit elsewhere.
   *
   * @example
   * ```ts
   * const [{ producers = [] } = {}] = await admin.describeProducers([{ topic: 'orders', partition: 0 }])
   * const hanging = producers.find(({ transactionStartOffset }) => transactionStartOffset === 17)
   * if (hanging) await admin.abortTransaction({ topic: 'orders', partition: 0, ...hanging })
   * ```
   */
  abortTransaction(
    transaction: TransactionToAbort,
    options: CallOptions = {},
  ): Promise<PartitionOutcome> {
    return abortTransaction(this.#call(options), transaction)
  }

  /** Fences the producers with these ids and aborts what they have open, as a successor of each would (KIP-588). */
  fenceProducers(
    transactionalIds: readonly string[],
    options: CallOptions = {},
  ): Promise<FencedProducer[]> {
    return fenceProducers(this.#call(options), transactionalIds)
  }

  /** Ends the connections; calls under way reject. */
  close(): Promise<void> {
    this.#cluster.close()
    return Promise.resolve()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #call(options: CallOptions) {
    return callOf(this.#cluster, options, this.#timeoutMs)
  }
}
