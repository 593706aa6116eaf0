import { type CallOptions, callOf } from '../cluster/ask.ts'
import { Cluster } from '../cluster/cluster.ts'
import {
  deleteRecords,
  listOffsets,
  type OffsetQuery,
  offsetForLeaderEpoch,
} from '../cluster/offsets.ts'
import type { DeletedRecords, EpochEnd, ListedOffset } from '../cluster/outcome.ts'
import type { ClientSettings } from '../settings.ts'
import {
  alterConfigs,
  type DescribeConfigsOptions,
  describeConfigs,
  incrementalAlterConfigs,
  listConfigResources,
} from './configs.ts'
import { describeCluster, describeLogDirs } from './describe.ts'
import { type AdminOptions, adminTimeoutMs, type ChangeOptions } from './options.ts'
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

/**
 * Looks after topics, settings and offsets. Calls on several things resolve with one result for each, which carries its own
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
