import { describe, expect, it } from 'vitest'
import { apply, applyAll } from '../../../../packages/broker/src/metadata/apply.ts'
import { RESOURCE_TYPE } from '../../../../packages/broker/src/metadata/change.ts'
import { imageWith, newTopic, registration, topicIdOf } from '../../../support/metadata-image.ts'

const epochsOf = (image: ReturnType<typeof imageWith>, name: string) =>
  image.topics.byName.get(name)?.partitions.map(({ leaderEpoch }) => leaderEpoch)

describe('applying a record', () => {
  it('bumps the leader epoch of every partition that a broker leads when it registers again, and of no other', () => {
    const other = {
      type: 'PartitionRecord',
      topicId: topicIdOf('a'),
      partitionId: 2,
      replicas: [2],
      isr: [2],
      leader: 2,
      leaderEpoch: 7,
      partitionEpoch: 0,
    } as const
    const image = imageWith(registration(2), ...newTopic('a', 2), other, ...newTopic('b'))
    expect(epochsOf(image, 'a')).toEqual([0, 0, 7])
    const after = apply(image, registration(1))
    expect(epochsOf(after, 'a')).toEqual([1, 1, 7])
    expect(epochsOf(after, 'b')).toEqual([1])
    expect(after.topics.byName.get('b')).toBe(after.topics.byId.get(topicIdOf('b')))
    expect(epochsOf(image, 'a')).toEqual([0, 0, 7])
  })

  it('bumps nothing for a broker that is new', () => {
    expect(epochsOf(apply(imageWith(...newTopic('a')), registration(2)), 'a')).toEqual([0])
  })

  it('removes a topic with its settings, so that one of the same name begins anew', () => {
    const config = {
      type: 'ConfigRecord',
      resourceType: RESOURCE_TYPE.TOPIC,
      resourceName: 'a',
      name: 'retention.ms',
      value: '1',
    } as const
    const image = imageWith(...newTopic('a'), config)
    expect(image.topics.byName.get('a')?.configs.get('retention.ms')).toBe('1')
    const removed = apply(image, { type: 'RemoveTopicRecord', topicId: topicIdOf('a') })
    expect(removed.topics.byName.size + removed.topics.byId.size).toBe(0)
    const again = applyAll(removed, newTopic('a'))
    expect(again.topics.byName.get('a')?.configs.size).toBe(0)
  })

  it('counts every record, also one about nothing that is known', () => {
    const image = imageWith()
    const after = apply(image, { type: 'RemoveTopicRecord', topicId: topicIdOf('x') })
    expect(after).toEqual({ ...image, revision: image.revision + 1 })
  })

  it('leaves what a change does not concern the very same object', () => {
    const image = imageWith(...newTopic('a'), ...newTopic('b'))
    const after = apply(image, {
      type: 'ConfigRecord',
      resourceType: RESOURCE_TYPE.TOPIC,
      resourceName: 'a',
      name: 'retention.ms',
      value: '1',
    })
    expect(after.topics.byName.get('b')).toBe(image.topics.byName.get('b'))
    expect(after.topics.byName.get('a')).not.toBe(image.topics.byName.get('a'))
    expect(after.brokerConfigs).toBe(image.brokerConfigs)
  })

  it('remembers that a feature was switched off', () => {
    const level = { type: 'FeatureLevelRecord', name: 'group.version' } as const
    const on = apply(imageWith(), { ...level, featureLevel: 1 })
    expect(apply(on, { ...level, featureLevel: 0 }).features.get('group.version')).toBe(0)
  })

  it('forgets an entity with its last quota, and a user with the last credential', () => {
    const entity = [{ entityType: 'user', entityName: 'alice' }]
    const quota = { type: 'ClientQuotaRecord', entity, key: 'request_percentage' } as const
    const keys = {
      salt: Uint8Array.of(1),
      storedKey: Uint8Array.of(2),
      serverKey: Uint8Array.of(3),
    }
    const user = { name: 'alice', mechanism: 1 }
    const image = applyAll(imageWith(), [
      { ...quota, value: 5, remove: false },
      { ...quota, key: 'producer_byte_rate', value: 7, remove: false },
      { type: 'UserScramCredentialRecord', ...user, ...keys, iterations: 4096 },
    ])
    expect([...image.clientQuotas.values()]).toEqual([
      {
        entity,
        values: new Map([
          ['request_percentage', 5],
          ['producer_byte_rate', 7],
        ]),
      },
    ])
    expect(image.scramCredentials.get('alice')?.get(1)).toEqual({ ...keys, iterations: 4096 })
    const empty = applyAll(image, [
      { ...quota, value: 0, remove: true },
      { ...quota, key: 'producer_byte_rate', value: 0, remove: true },
      { type: 'RemoveUserScramCredentialRecord', ...user },
    ])
    expect(empty.clientQuotas.size + empty.scramCredentials.size).toBe(0)
  })

  it('forgets a broker, and keeps subscriptions to the metrics of clients', () => {
    const image = applyAll(imageWith(), [
      { type: 'UnregisterBrokerRecord', brokerId: 1, brokerEpoch: 0 },
      {
        type: 'ConfigRecord',
        resourceType: RESOURCE_TYPE.CLIENT_METRICS,
        resourceName: 'all',
        name: 'metrics',
        value: '*',
      },
    ])
    expect(image.brokers.size).toBe(0)
    expect(image.clientMetricsConfigs.get('all')?.get('metrics')).toBe('*')
  })
})
