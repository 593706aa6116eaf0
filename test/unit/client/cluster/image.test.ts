import { type MetadataResponse, ZERO_UUID } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import {
  EMPTY_IMAGE,
  withLeader,
  withMetadata,
} from '../../../../packages/client/src/cluster/image.ts'

function told(
  leaderId: number,
  leaderEpoch: number,
  topicId = 'AAAAAAAAAAAAAAAAAAAAAg',
): MetadataResponse {
  const partition = {
    errorCode: 0,
    partitionIndex: 0,
    leaderId,
    leaderEpoch,
    replicaNodes: [1, 2],
    isrNodes: [1],
    offlineReplicas: [],
  }
  return {
    throttleTimeMs: 0,
    brokers: [{ nodeId: 1, host: 'a', port: 1, rack: null }],
    clusterId: 'c',
    controllerId: 1,
    topics: [
      {
        errorCode: 0,
        name: 't',
        topicId,
        isInternal: false,
        partitions: [partition],
        topicAuthorizedOperations: 0,
      },
    ],
    clusterAuthorizedOperations: 0,
    errorCode: 0,
  }
}

const leaderOf = (image: typeof EMPTY_IMAGE) => image.topics.get('t')?.partitions[0]?.leaderId

describe('the image of the cluster', () => {
  it('never goes back to an older leader of the same topic (KIP-320)', () => {
    const image = withMetadata(EMPTY_IMAGE, told(2, 5))
    expect(leaderOf(withMetadata(image, told(1, 4)))).toBe(2)
    expect(leaderOf(withMetadata(image, told(1, 6)))).toBe(1)
  })

  it('begins anew with a topic that was deleted and created again', () => {
    const image = withMetadata(EMPTY_IMAGE, told(2, 5))
    expect(leaderOf(withMetadata(image, told(1, 0, 'AAAAAAAAAAAAAAAAAAAAAw')))).toBe(1)
    expect(
      leaderOf(
        withMetadata(withMetadata(EMPTY_IMAGE, told(2, 5, ZERO_UUID)), told(1, 0, ZERO_UUID)),
      ),
    ).toBe(1)
  })

  it('takes the news of a leader when it is news and the broker is known (KIP-951)', () => {
    const image = withMetadata(EMPTY_IMAGE, told(1, 5))
    const news = { topic: 't', partition: 0, leaderId: 3, leaderEpoch: 6 }
    expect(withLeader(image, news, [])).toBe(image)
    const endpoint = { brokerId: 3, host: 'c', port: 3, rack: null }
    expect(leaderOf(withLeader(image, news, [endpoint]))).toBe(3)
    expect(withLeader(image, { ...news, leaderEpoch: 5 }, [endpoint])).toBe(image)
    expect(withLeader(image, { ...news, topic: 'other' }, [endpoint])).toBe(image)
  })
})
