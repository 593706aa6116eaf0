import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../../../packages/broker/src/config/load.ts'
import {
  assignmentProblem,
  countPartitions,
  newPartition,
  partitionCountProblem,
  placePartitions,
} from '../../../../packages/broker/src/metadata/new-partitions.ts'
import { imageWith, newTopic, registration } from '../../../support/metadata-image.ts'

describe('new partitions', () => {
  it('go over the brokers in turn, each led by another', () => {
    const image = imageWith(registration(2), registration(3))
    expect(placePartitions(image, { count: 4, replicationFactor: 2, first: 1 })).toEqual([
      [2, 3],
      [3, 1],
      [1, 2],
      [2, 3],
    ])
  })

  it('cannot have more replicas than there are brokers', () => {
    expect(
      placePartitions(imageWith(), { count: 1, replicationFactor: 2, first: 0 }),
    ).toMatchObject({
      error: 'INVALID_REPLICATION_FACTOR',
    })
  })

  it('are led by the first of their replicas, all of which are in sync', () => {
    expect(newPartition('x', 3, [2, 1])).toMatchObject({ leader: 2, isr: [2, 1], leaderEpoch: 0 })
  })

  it('have replicas that are known, different and equally many', () => {
    const image = imageWith(registration(2))
    expect(assignmentProblem(image, [[1], [2]], undefined)).toBeUndefined()
    expect(assignmentProblem(image, [[1], [1, 2]], undefined)?.message).toContain('has 2 replicas')
    expect(assignmentProblem(image, [[3]], 1)?.message).toBe('There is no broker 3.')
  })

  it('are bounded for one topic and for all', () => {
    const { settings } = loadConfig({
      overrides: ['topic.partitions.max=4', 'broker.partitions.max=5'],
    })
    expect(countPartitions(imageWith(...newTopic('a', 3), ...newTopic('b', 2)))).toBe(5)
    expect(partitionCountProblem({ ofTopic: 2, inAll: 5 }, settings)).toBeUndefined()
    expect(partitionCountProblem({ ofTopic: 5, inAll: 5 }, settings)?.error).toBe(
      'INVALID_PARTITIONS',
    )
    expect(partitionCountProblem({ ofTopic: 3, inAll: 6 }, settings)?.error).toBe(
      'POLICY_VIOLATION',
    )
  })
})
