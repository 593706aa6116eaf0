import { type Api, apiList } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import type { Handler } from '../../../../packages/broker/src/handlers/handler.ts'
import { handlers } from '../../../../packages/broker/src/handlers/index.ts'
import { batchOf, memoryBroker } from '../../../support/memory-broker.ts'
import { refusingGroups } from '../../../support/pure-groups.ts'
import { pureTransactions } from '../../../support/pure-transactions.ts'
import { TransactionShard } from '../../../support/transaction-shard.ts'

const topicPartition = { partition: 0, fetchOffset: 0, partitionMaxBytes: 1000 }

/** A request per API that names something which needs a permission. */
const samples: { readonly [api: string]: object } = {
  Produce: {
    acks: 1,
    timeoutMs: 1000,
    topicData: [{ name: 'orders', partitionData: [{ index: 0, records: batchOf(['a']) }] }],
  },
  Fetch: {
    maxWaitMs: 0,
    minBytes: 1,
    isolationLevel: 0,
    topics: [{ topic: 'orders', partitions: [topicPartition] }],
    forgottenTopicsData: [],
  },
  ListOffsets: {
    replicaId: -1,
    topics: [{ name: 'orders', partitions: [{ partitionIndex: 0, timestamp: -1 }] }],
  },
  Metadata: { topics: [{ name: 'orders' }] },
  FindCoordinator: { keyType: 0, coordinatorKeys: ['billing'] },
  OffsetCommit: {
    groupId: 'billing',
    topics: [{ name: 'orders', partitions: [{ partitionIndex: 0, committedOffset: 1 }] }],
  },
  OffsetFetch: { groups: [{ groupId: 'billing', topics: null }] },
  JoinGroup: {
    ...{ groupId: 'billing', sessionTimeoutMs: 6000, rebalanceTimeoutMs: 6000, memberId: '' },
    ...{ protocolType: 'consumer', protocols: [] },
  },
  SyncGroup: { groupId: 'billing', generationId: 1, memberId: 'm', assignments: [] },
  Heartbeat: { groupId: 'billing', generationId: 1, memberId: 'm' },
  LeaveGroup: { groupId: 'billing', members: [{ memberId: 'm' }] },
  ConsumerGroupHeartbeat: { groupId: 'billing', memberId: 'm', memberEpoch: 1 },
  ConsumerGroupDescribe: { groupIds: ['billing'] },
  OffsetDelete: { groupId: 'billing', topics: [] },
  ListGroups: {},
  DescribeGroups: { groups: ['billing'] },
  DeleteGroups: { groupsNames: ['billing'] },
  ApiVersions: {},
  CreateTopics: {
    topics: [{ name: 'new', numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }],
    timeoutMs: 1000,
  },
  DeleteTopics: { topicNames: ['orders'], timeoutMs: 1000 },
  DeleteRecords: {
    topics: [{ name: 'orders', partitions: [{ partitionIndex: 0, offset: 0 }] }],
    timeoutMs: 1000,
  },
  InitProducerId: { transactionalId: null, transactionTimeoutMs: 0 },
  OffsetForLeaderEpoch: {
    topics: [{ topic: 'orders', partitions: [{ partition: 0, leaderEpoch: 0 }] }],
  },
  DescribeConfigs: {
    resources: [{ resourceType: 2, resourceName: 'orders', configurationKeys: null }],
  },
  AlterConfigs: {
    resources: [{ resourceType: 2, resourceName: 'orders', configs: [] }],
    validateOnly: false,
  },
  DescribeLogDirs: { topics: null },
  CreatePartitions: {
    topics: [{ name: 'orders', count: 3, assignments: null }],
    timeoutMs: 1000,
    validateOnly: false,
  },
  IncrementalAlterConfigs: {
    resources: [{ resourceType: 2, resourceName: 'orders', configs: [] }],
    validateOnly: false,
  },
  DescribeCluster: { includeClusterAuthorizedOperations: true },
  ListConfigResources: {},
  ListPartitionReassignments: { topics: null },
  AlterPartitionReassignments: { topics: [] },
  ElectLeaders: { topicPartitions: null },
  AlterReplicaLogDirs: { dirs: [] },
  DescribeQuorum: { topics: [] },
  UpdateFeatures: {
    featureUpdates: [{ feature: 'group.version', maxVersionLevel: 0, upgradeType: 2 }],
  },
  UnregisterBroker: { brokerId: 1 },
  AddRaftVoter: { listeners: [] },
  RemoveRaftVoter: {},
  DescribeClientQuotas: { components: [], strict: false },
  AlterClientQuotas: {
    entries: [{ entity: [{ entityType: 'user', entityName: 'alice' }], ops: [] }],
    validateOnly: true,
  },
  DescribeUserScramCredentials: { users: null },
  AlterUserScramCredentials: { deletions: [{ name: 'alice', mechanism: 1 }], upsertions: [] },
  DescribeAcls: { operation: 1, permissionType: 1 },
  CreateAcls: { creations: [] },
  DeleteAcls: { filters: [] },
  CreateDelegationToken: { renewers: [], maxLifetimeMs: -1 },
  RenewDelegationToken: { hmac: Buffer.alloc(1), renewPeriodMs: 1 },
  ExpireDelegationToken: { hmac: Buffer.alloc(1), expiryTimePeriodMs: 1 },
  DescribeDelegationToken: { owners: null },
  AddPartitionsToTxn: { transactions: [] },
  AddOffsetsToTxn: {
    ...{ transactionalId: 'payments', groupId: 'billing' },
    ...{ producerId: 7, producerEpoch: 0 },
  },
  EndTxn: { transactionalId: 'payments', producerId: 7, producerEpoch: 0, committed: true },
  TxnOffsetCommit: {
    ...{ transactionalId: 'payments', groupId: 'billing' },
    ...{ producerId: 7, producerEpoch: 0, topics: [] },
  },
  WriteTxnMarkers: {
    markers: [
      {
        ...{ producerId: 7, producerEpoch: 0, coordinatorEpoch: 0, transactionResult: true },
        topics: [{ name: 'orders', partitionIndexes: [0] }],
      },
    ],
  },
  DescribeTransactions: { transactionalIds: ['payments'] },
  ListTransactions: { stateFilters: [], producerIdFilters: [] },
  DescribeProducers: { topics: [{ name: 'orders', partitionIndexes: [0] }] },
  DescribeTopicPartitions: {
    topics: [{ name: 'orders' }],
    responsePartitionLimit: 10,
    cursor: null,
  },
}

/** The newest version in which the sample can be written: by topic names. */
const versions: { readonly [api: string]: number } = {
  Produce: 12,
  Fetch: 12,
  DeleteTopics: 5,
  OffsetCommit: 9,
}

/** What there is to offer, and that there are no tokens. */
const forEverybody = [
  'ApiVersions',
  'CreateDelegationToken',
  'RenewDelegationToken',
  'ExpireDelegationToken',
  'DescribeDelegationToken',
]

describe('authorization', () => {
  it.each(handlers.map(handler => [handler.api.name, handler] as const))(
    '%s asks before it does or tells anything',
    async (name, handler) => {
      const asked: string[] = []
      const { ask, broker, partition } = await memoryBroker({
        topics: { orders: 2 },
        authorize: (operation, resourceType) => {
          asked.push(`${operation} ${resourceType}`)
          return false
        },
      })
      const features = new Map([['group.version', 1]])
      const metadata = { ...broker.metadata, image: { ...broker.metadata.image, features } }
      const groups = refusingGroups('COORDINATOR_NOT_AVAILABLE')
      const shard = new TransactionShard()
      shard.init()
      Object.assign(broker, { groups, metadata, transactions: pureTransactions(shard) })
      const sample = samples[name]
      expect(sample, 'a new API needs a sample here').toBeDefined()
      await ask(handler as Handler<Api>, versions[name] ?? handler.api.versions[1], sample ?? {})
        .answered
      expect(handler.authorization).toEqual(expect.arrayContaining([...new Set(asked)]))
      if (forEverybody.includes(name)) expect(handler.authorization).toEqual([])
      else expect(asked.length).toBeGreaterThan(0)
      expect(partition('orders', 0).logEndOffset).toBe(0)
    },
  )

  it('answers each API once, and has a table for it', () => {
    const offered = handlers.map(({ api }) => api)
    expect(new Set(offered.map(({ key }) => key)).size).toBe(handlers.length)
    expect(offered.filter(api => !apiList.includes(api))).toEqual([])
  })
})
