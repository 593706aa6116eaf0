import type { VersionCase } from './case.ts'
import {
  heartbeatCases,
  joinGroupCases,
  leaveGroupCases,
  syncGroupCases,
} from './classic-groups.ts'
import { alterClientQuotasCases, describeClientQuotasCases } from './client-quotas.ts'
import {
  apiVersionsCases,
  describeClusterCases,
  describeTopicPartitionsCases,
  metadataCases,
} from './cluster.ts'
import {
  alterPartitionReassignmentsCases,
  alterReplicaLogDirsCases,
  describeQuorumCases,
  electLeadersCases,
  listPartitionReassignmentsCases,
  raftVoterCases,
  unregisterBrokerCases,
  updateFeaturesCases,
} from './cluster-admin.ts'
import {
  alterConfigsCases,
  describeConfigsCases,
  incrementalAlterConfigsCases,
  listConfigResourcesCases,
} from './configs.ts'
import { consumerGroupDescribeCases, consumerGroupHeartbeatCases } from './consumer-groups.ts'
import { findCoordinatorCases } from './coordinators.ts'
import {
  aclCases,
  alterUserScramCredentialsCases,
  delegationTokenCases,
  describeUserScramCredentialsCases,
} from './credentials.ts'
import { fetchCases } from './fetch.ts'
import { deleteGroupsCases, describeGroupsCases, listGroupsCases } from './groups.ts'
import {
  deleteRecordsCases,
  initProducerIdCases,
  listOffsetsCases,
  offsetForLeaderEpochCases,
} from './log-apis.ts'
import { offsetCommitCases, offsetDeleteCases, offsetFetchCases } from './offsets.ts'
import { produceCases } from './produce.ts'
import {
  createPartitionsCases,
  createTopicsCases,
  deleteTopicsCases,
  describeLogDirsCases,
} from './topics.ts'
import {
  addOffsetsToTxnCases,
  addPartitionsToTxnCases,
  describeProducersCases,
  describeTransactionsCases,
  endTxnCases,
  listTransactionsCases,
  txnOffsetCommitCases,
  writeTxnMarkersCases,
} from './transactions.ts'

export const versionCases: readonly VersionCase[] = [
  ...produceCases,
  ...fetchCases,
  ...listOffsetsCases,
  ...metadataCases,
  ...findCoordinatorCases,
  ...apiVersionsCases,
  ...createTopicsCases,
  ...deleteTopicsCases,
  ...deleteRecordsCases,
  ...initProducerIdCases,
  ...offsetForLeaderEpochCases,
  ...describeConfigsCases,
  ...alterConfigsCases,
  ...describeLogDirsCases,
  ...createPartitionsCases,
  ...incrementalAlterConfigsCases,
  ...describeClusterCases,
  ...listConfigResourcesCases,
  ...describeTopicPartitionsCases,
  ...consumerGroupHeartbeatCases,
  ...consumerGroupDescribeCases,
  ...offsetCommitCases,
  ...offsetFetchCases,
  ...offsetDeleteCases,
  ...listGroupsCases,
  ...describeGroupsCases,
  ...deleteGroupsCases,
  ...joinGroupCases,
  ...syncGroupCases,
  ...heartbeatCases,
  ...leaveGroupCases,
  ...addPartitionsToTxnCases,
  ...addOffsetsToTxnCases,
  ...endTxnCases,
  ...describeTransactionsCases,
  ...listTransactionsCases,
  ...txnOffsetCommitCases,
  ...describeProducersCases,
  ...writeTxnMarkersCases,
  ...listPartitionReassignmentsCases,
  ...alterPartitionReassignmentsCases,
  ...electLeadersCases,
  ...alterReplicaLogDirsCases,
  ...describeQuorumCases,
  ...updateFeaturesCases,
  ...unregisterBrokerCases,
  ...raftVoterCases,
  ...describeClientQuotasCases,
  ...alterClientQuotasCases,
  ...describeUserScramCredentialsCases,
  ...alterUserScramCredentialsCases,
  ...aclCases,
  ...delegationTokenCases,
]
