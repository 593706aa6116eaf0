import type { Api } from '../schema/index.ts'
import { AlterConfigs } from './alter-configs.ts'
import { ApiVersions } from './api-versions.ts'
import { CreatePartitions } from './create-partitions.ts'
import { CreateTopics } from './create-topics.ts'
import { DeleteRecords } from './delete-records.ts'
import { DeleteTopics } from './delete-topics.ts'
import { DescribeCluster } from './describe-cluster.ts'
import { DescribeConfigs } from './describe-configs.ts'
import { DescribeLogDirs } from './describe-log-dirs.ts'
import { DescribeTopicPartitions } from './describe-topic-partitions.ts'
import { Fetch } from './fetch.ts'
import { FindCoordinator } from './find-coordinator.ts'
import { IncrementalAlterConfigs } from './incremental-alter-configs.ts'
import { InitProducerId } from './init-producer-id.ts'
import { ListConfigResources } from './list-config-resources.ts'
import { ListOffsets } from './list-offsets.ts'
import { Metadata } from './metadata.ts'
import { OffsetForLeaderEpoch } from './offset-for-leader-epoch.ts'
import { Produce } from './produce.ts'

export * from './alter-configs.ts'
export * from './api-versions.ts'
export * from './create-partitions.ts'
export * from './create-topics.ts'
export * from './delete-records.ts'
export * from './delete-topics.ts'
export * from './describe-cluster.ts'
export * from './describe-configs.ts'
export * from './describe-log-dirs.ts'
export * from './describe-topic-partitions.ts'
export * from './fetch.ts'
export * from './find-coordinator.ts'
export * from './incremental-alter-configs.ts'
export * from './init-producer-id.ts'
export * from './list-config-resources.ts'
export * from './list-offsets.ts'
export * from './metadata.ts'
export * from './offset-for-leader-epoch.ts'
export * from './produce.ts'

/** Every API that has a table here, in the order of the keys. */
export const apiList: readonly Api[] = [
  Produce,
  Fetch,
  ListOffsets,
  Metadata,
  FindCoordinator,
  ApiVersions,
  CreateTopics,
  DeleteTopics,
  DeleteRecords,
  InitProducerId,
  OffsetForLeaderEpoch,
  DescribeConfigs,
  AlterConfigs,
  DescribeLogDirs,
  CreatePartitions,
  IncrementalAlterConfigs,
  DescribeCluster,
  ListConfigResources,
  DescribeTopicPartitions,
]

/** The tables by API key. */
export const apis: ReadonlyMap<number, Api> = new Map(apiList.map(api => [api.key, api]))
