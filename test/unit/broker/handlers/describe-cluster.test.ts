import { describe, expect, it } from 'vitest'
import { describeCluster } from '../../../../packages/broker/src/handlers/describe-cluster.ts'
import { memoryBroker } from '../../../support/memory-broker.ts'

const NOT_ASKED = -2_147_483_648

describe('DescribeCluster', () => {
  it('tells permissions to those who ask and may know', async () => {
    const { ask } = await memoryBroker({ topics: {} })
    const plain = ask(describeCluster, 2, { includeClusterAuthorizedOperations: false }).answer
    expect(plain).toMatchObject({ errorCode: 0, clusterId: 'test-cluster', controllerId: 1 })
    expect(plain?.clusterAuthorizedOperations ?? NOT_ASKED).toBe(NOT_ASKED)
    const asked = ask(describeCluster, 2, { includeClusterAuthorizedOperations: true }).answer
    expect(asked?.clusterAuthorizedOperations).toBeGreaterThan(0)
  })

  it('is no controller', async () => {
    const { ask } = await memoryBroker({ topics: {} })
    const codeFor = (endpointType: number) =>
      ask(describeCluster, 1, { includeClusterAuthorizedOperations: false, endpointType }).answer
        ?.errorCode
    expect([codeFor(1), codeFor(2), codeFor(9)]).toEqual([0, 114, 115])
  })
})
