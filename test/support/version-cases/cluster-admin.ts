import {
  AddRaftVoter,
  AlterPartitionReassignments,
  AlterReplicaLogDirs,
  ApiVersions,
  DescribeQuorum,
  ElectLeaders,
  ListPartitionReassignments,
  RemoveRaftVoter,
  UnregisterBroker,
  UpdateFeatures,
  ZERO_UUID,
} from '@varve/protocol'
import { expect } from 'vitest'
import { type At, casesOf, expectError, first } from './case.ts'

const MISSING = 'missing'

export const listPartitionReassignmentsCases = casesOf(ListPartitionReassignments, {
  'knows of none': async at => {
    const asked = [
      null,
      [],
      [
        { name: at.orders.name, partitionIndexes: [0, 9] },
        { name: MISSING, partitionIndexes: [0] },
      ],
    ]
    for (const topics of asked) {
      const answer = await at.ask({ timeoutMs: 1000, topics })
      expect(answer).toMatchObject({ errorCode: 0, topics: [] })
    }
  },
  'asks whether the client may': async at => {
    at.deny(action => action === 'Describe Cluster kafka-cluster')
    expectError((await at.ask({ topics: null })).errorCode, 'CLUSTER_AUTHORIZATION_FAILED')
  },
})

export const alterPartitionReassignmentsCases = casesOf(AlterPartitionReassignments, {
  'says what one node can do': async at => {
    const { name } = at.orders
    const reassign = async (topic: string, partitionIndex: number, replicas: number[] | null) => {
      const answer = await at.ask({
        timeoutMs: 1000,
        topics: [{ name: topic, partitions: [{ partitionIndex, replicas }] }],
      })
      expect(answer).toMatchObject({ errorCode: 0, allowReplicationFactorChange: true })
      return first(first(answer.responses).partitions).errorCode
    }
    expectError(await reassign(name, 0, [1]), 'NONE')
    expectError(await reassign(name, 0, null), 'NO_REASSIGNMENT_IN_PROGRESS')
    expectError(await reassign(name, 9, [1]), 'UNKNOWN_TOPIC_OR_PARTITION')
    expectError(await reassign(name, -1, [1]), 'UNKNOWN_TOPIC_OR_PARTITION')
    expectError(await reassign(MISSING, 0, [1]), 'UNKNOWN_TOPIC_OR_PARTITION')
    for (const replicas of [[], [2], [-1], [1, 1], [1, 2]]) {
      expectError(await reassign(name, 0, replicas), 'INVALID_REPLICA_ASSIGNMENT')
    }
    expect(await at.ask({ topics: [] })).toMatchObject({ errorCode: 0, responses: [] })
  },
  'asks whether the client may': async at => {
    at.deny(action => action === 'Alter Cluster kafka-cluster')
    const answer = await at.ask({ topics: [] })
    expectError(answer.errorCode, 'CLUSTER_AUTHORIZATION_FAILED')
  },
})

export const electLeadersCases = casesOf(ElectLeaders, {
  'has nothing to elect': async at => {
    const { name } = at.orders
    const type = (electionType: number) => (at.version < 1 ? {} : { electionType })
    for (const electionType of at.version < 1 ? [0] : [0, 1]) {
      const answer = await at.ask({
        ...type(electionType),
        topicPartitions: [
          { topic: name, partitions: [0, 9] },
          { topic: MISSING, partitions: [0] },
        ],
        timeoutMs: 1000,
      })
      expect(answer.errorCode).toBe(0)
      const results = answer.replicaElectionResults.flatMap(one => one.partitionResult)
      expect(results.map(({ errorCode }) => errorCode)).toEqual([84, 3, 3])
    }
    const all = await at.ask({ topicPartitions: null, timeoutMs: 1000 })
    expect(all.errorCode).toBe(0)
    expect(all.replicaElectionResults).toContainEqual({ topic: name, partitionResult: [] })
  },
  'refuses an election that it does not know': {
    since: 1,
    run: async at => {
      const topicPartitions = [{ topic: at.orders.name, partitions: [0] }]
      const answer = await at.ask({ electionType: 7, topicPartitions })
      expectError(answer.errorCode, 'INVALID_REQUEST')
      const result = first(first(answer.replicaElectionResults).partitionResult)
      expectError(result.errorCode, 'INVALID_REQUEST')
    },
  },
  'asks whether the client may': async at => {
    at.deny(action => action === 'Alter Cluster kafka-cluster')
    const topicPartitions = [{ topic: at.orders.name, partitions: [0] }]
    const answer = await at.ask({ topicPartitions })
    if (at.version >= 1) expectError(answer.errorCode, 'CLUSTER_AUTHORIZATION_FAILED')
    const result = first(first(answer.replicaElectionResults).partitionResult)
    expectError(result.errorCode, 'CLUSTER_AUTHORIZATION_FAILED')
    const all = await at.ask({ topicPartitions: null })
    expect(all.replicaElectionResults).toEqual([])
  },
})

export const alterReplicaLogDirsCases = casesOf(AlterReplicaLogDirs, {
  'knows one folder': async at => {
    const { name } = at.orders
    const move = async (path: string, topic: string, partition: number) => {
      const dirs = [{ path, topics: [{ name: topic, partitions: [partition] }] }]
      const { topicName, partitions } = first((await at.ask({ dirs })).results)
      expect([topicName, first(partitions).partitionIndex]).toEqual([topic, partition])
      return first(partitions).errorCode
    }
    expectError(await move('/data', name, 0), 'NONE')
    expectError(await move('/data/', name, 0), 'NONE')
    expectError(await move('/data', name, 9), 'UNKNOWN_TOPIC_OR_PARTITION')
    expectError(await move('/data', MISSING, 0), 'UNKNOWN_TOPIC_OR_PARTITION')
    for (const path of ['/etc', '', 'data', '/data/../etc', '/'])
      expectError(await move(path, name, 0), 'LOG_DIR_NOT_FOUND')
    expect((await at.ask({ dirs: [] })).results).toEqual([])
    at.deny(action => action === 'Alter Cluster kafka-cluster')
    expectError(await move('/data', name, 0), 'CLUSTER_AUTHORIZATION_FAILED')
  },
})

export const describeQuorumCases = casesOf(DescribeQuorum, {
  'is the only voter': async at => {
    const metadata = { topicName: '__cluster_metadata', partitions: [{ partitionIndex: 0 }] }
    const answer = await at.ask({ topics: [metadata] })
    expect(answer.errorCode).toBe(0)
    const { currentVoters, observers, ...rest } = first(first(answer.topics).partitions)
    expect(rest).toMatchObject({ partitionIndex: 0, errorCode: 0, leaderId: 1 })
    expect([rest.leaderEpoch > 0, rest.highWatermark > 0]).toEqual([true, true])
    expect([currentVoters.length, observers]).toEqual([1, []])
    expect(first(currentVoters)).toMatchObject({ replicaId: 1, logEndOffset: rest.highWatermark })
    expect(first(currentVoters).lastCaughtUpTimestamp > 0).toBe(at.version >= 1)
    if (at.version < 2) return expect(answer.nodes).toEqual([])
    expect(answer.nodes).toMatchObject([{ nodeId: 1, listeners: [{ name: 'PLAINTEXT' }] }])
  },
  'has no other quorum': async at => {
    const partitions = [{ partitionIndex: 1 }]
    for (const topicName of ['__cluster_metadata', at.orders.name, MISSING]) {
      const answer = await at.ask({ topics: [{ topicName, partitions }] })
      const { errorCode, currentVoters } = first(first(answer.topics).partitions)
      expectError(errorCode, 'UNKNOWN_TOPIC_OR_PARTITION')
      expect([currentVoters, answer.nodes]).toEqual([[], []])
    }
    at.deny(action => action === 'Describe Cluster kafka-cluster')
    const answer = await at.ask({ topics: [] })
    expectError(answer.errorCode, 'CLUSTER_AUTHORIZATION_FAILED')
  },
})

export const updateFeaturesCases = casesOf(UpdateFeatures, {
  'updates and refuses': async at => {
    const update = async (feature: string, maxVersionLevel: number, isDowngrade = false) => {
      const how =
        at.version < 1 ? { allowDowngrade: isDowngrade } : { upgradeType: isDowngrade ? 2 : 1 }
      const featureUpdates = [{ feature, maxVersionLevel, ...how }]
      const answer = await at.ask({ timeoutMs: 1000, featureUpdates })
      const results = answer.errorCode === 0 && at.version < 2 ? [{ feature, errorCode: 0 }] : []
      expect(answer.results).toMatchObject(results)
      return answer.errorCode
    }
    expectError(await update('group.version', 1), 'NONE')
    expectError(await update('group.version', 0), 'INVALID_UPDATE_VERSION')
    expectError(await update('group.version', 2), 'INVALID_UPDATE_VERSION')
    expectError(await update('group.version', -1, true), 'INVALID_UPDATE_VERSION')
    expectError(await update('no.such', 1), 'INVALID_UPDATE_VERSION')
    expectError(await update('metadata.version', 22, true), 'INVALID_UPDATE_VERSION')
    expectError(await update('metadata.version', 25, true), 'NONE')
    expectError(await update('metadata.version', 29), 'NONE')
    expectError(await update('group.version', 0, true), 'NONE')
    const named = { clientSoftwareName: 'varve', clientSoftwareVersion: '1.0' }
    const { finalizedFeatures } = await at.also(ApiVersions, 3, named)
    expect(finalizedFeatures.map(({ name }) => name).sort()).toEqual([
      'metadata.version',
      'transaction.version',
    ])
    expectError(await update('group.version', 1), 'NONE')
    expectError((await at.ask({ featureUpdates: [] })).errorCode, 'NONE')
    at.deny(action => action === 'Alter Cluster kafka-cluster')
    expectError(await update('group.version', 1), 'CLUSTER_AUTHORIZATION_FAILED')
  },
  'says what it would do': {
    since: 1,
    run: async at => {
      const ask = (upgradeType: number, feature = 'transaction.version') => {
        const one = { feature, maxVersionLevel: 1, upgradeType }
        return at.ask({ featureUpdates: [one], validateOnly: true })
      }
      for (const upgradeType of [2, 3]) expectError((await ask(upgradeType)).errorCode, 'NONE')
      for (const upgradeType of [0, 1, 9])
        expectError((await ask(upgradeType)).errorCode, 'INVALID_UPDATE_VERSION')
      // Nothing was changed: it is still no downgrade to ask for level 2.
      const still = { feature: 'transaction.version', maxVersionLevel: 2, upgradeType: 1 }
      expectError((await at.ask({ featureUpdates: [still] })).errorCode, 'NONE')
    },
  },
})

export const unregisterBrokerCases = casesOf(UnregisterBroker, {
  'forgets nobody who is there': async at => {
    const unregister = async (brokerId: number) => {
      const answer = await at.ask({ brokerId })
      expect(answer.errorMessage).toMatch(/\w/)
      return answer.errorCode
    }
    expectError(await unregister(9), 'BROKER_ID_NOT_REGISTERED')
    expectError(await unregister(-1), 'BROKER_ID_NOT_REGISTERED')
    expectError(await unregister(1), 'INVALID_REQUEST')
    at.deny(action => action === 'Alter Cluster kafka-cluster')
    expectError(await unregister(9), 'CLUSTER_AUTHORIZATION_FAILED')
  },
})

async function isRefused(
  at: Pick<At<typeof AddRaftVoter>, 'deny'>,
  ask: () => Promise<{ readonly errorCode: number; readonly errorMessage: string | null }>,
): Promise<void> {
  const answer = await ask()
  expectError(answer.errorCode, 'UNSUPPORTED_VERSION')
  expect(answer.errorMessage).toMatch(/kraft.version/)
  at.deny(action => action === 'Alter Cluster kafka-cluster')
  expectError((await ask()).errorCode, 'CLUSTER_AUTHORIZATION_FAILED')
}

const voter = { clusterId: null, voterId: 2, voterDirectoryId: ZERO_UUID }

export const raftVoterCases = [
  ...casesOf(AddRaftVoter, {
    'has fixed voters': at =>
      isRefused(at, () => at.ask({ ...voter, timeoutMs: 1000, listeners: [] })),
  }),
  ...casesOf(RemoveRaftVoter, {
    'has fixed voters': at => isRefused(at, () => at.ask(voter)),
  }),
]
