import { CreatePartitions, CreateTopics, DeleteTopics, Metadata } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { Admin } from '../../../../packages/client/src/admin/admin.ts'
import { FakeCluster } from '../../../support/fake-broker.ts'
import { settingsFor, watch } from '../../../support/fake-client.ts'

function administering() {
  const fake = new FakeCluster()
  fake.addTopic('b', 2)
  fake.addTopic('a', 1)
  return { fake, clock: fake.platform.clock, admin: new Admin(settingsFor(fake), {}) }
}

describe('topics', () => {
  it('have their results in the order asked for, whatever order the broker answers in', async () => {
    const { fake, clock, admin } = administering()
    fake.next(CreateTopics, ({ topics }) => ({
      topics: topics.map(({ name }) => ({ name, errorCode: 0, errorMessage: null })).reverse(),
    }))
    fake.next(DeleteTopics, ({ topics }) => ({
      responses: topics.map(({ name }) => ({ name: name ?? '', errorCode: 0 })).reverse(),
    }))
    fake.next(CreatePartitions, ({ topics }) => ({
      results: topics.map(({ name }) => ({ name, errorCode: 0 })).reverse(),
    }))
    const names = ['y', 'x', 'z']
    const created = watch(admin.createTopics(names.map(name => ({ name }))))
    const grown = watch(admin.createPartitions(names.map(topic => ({ topic, count: 2 }))))
    const deleted = watch(admin.deleteTopics(names))
    await clock.settle()
    expect(created.value().map(({ name }) => name)).toEqual(names)
    expect(grown.value().map(({ topic }) => topic)).toEqual(names)
    expect(deleted.value().map(({ name }) => name)).toEqual(names)
  })

  it('are created by counts or by assignments, with settings as text', async () => {
    const { fake, clock, admin } = administering()
    fake.next(CreateTopics, ({ topics }) => ({
      topics: topics.map(({ name }) => ({
        name,
        errorCode: name === 'y' ? 36 : 0,
        errorMessage: 'there it is',
      })),
    }))
    const created = watch(
      admin.createTopics(
        [
          { name: 'x', partitions: 3, configs: { 'retention.ms': 5, 'cleanup.policy': null } },
          {
            name: 'y',
            assignments: [
              [1, 2],
              [2, 1],
            ],
          },
        ],
        { validateOnly: true },
      ),
    )
    await clock.settle()
    expect(fake.requestsOf(CreateTopics)[0]).toMatchObject({
      validateOnly: true,
      topics: [
        {
          name: 'x',
          numPartitions: 3,
          replicationFactor: -1,
          configs: [
            { name: 'retention.ms', value: '5' },
            { name: 'cleanup.policy', value: null },
          ],
        },
        {
          name: 'y',
          numPartitions: -1,
          replicationFactor: -1,
          assignments: [
            { partitionIndex: 0, brokerIds: [1, 2] },
            { partitionIndex: 1, brokerIds: [2, 1] },
          ],
        },
      ],
    })
    expect(created.value().map(({ name, error }) => [name, error?.code])).toEqual([
      ['x', undefined],
      ['y', 'TOPIC_ALREADY_EXISTS'],
    ])
    expect(created.value()[1]?.error?.message).toContain('there it is')
  })

  it.each([6, 5])('are deleted by name in version %i', async version => {
    const { fake, clock, admin } = administering()
    fake.versions.set(DeleteTopics.key, [1, version])
    fake.next(DeleteTopics, request => {
      const names = version >= 6 ? request.topics.map(({ name }) => name) : request.topicNames
      return { responses: names.map(name => ({ name: name ?? '', errorCode: 0 })) }
    })
    const deleted = watch(admin.deleteTopics(['a', 'b']))
    await clock.settle()
    expect(deleted.value()).toEqual([
      { name: 'a', error: undefined },
      { name: 'b', error: undefined },
    ])
  })

  it('get more partitions', async () => {
    const { fake, clock, admin } = administering()
    fake.next(CreatePartitions, ({ topics }) => ({
      results: topics.map(({ name, count }) => ({ name, errorCode: count > 2 ? 0 : 37 })),
    }))
    const grown = watch(
      admin.createPartitions([
        { topic: 'a', count: 3 },
        { topic: 'b', count: 2 },
      ]),
    )
    await clock.settle()
    expect(grown.value().map(({ topic, error }) => [topic, error?.code])).toEqual([
      ['a', undefined],
      ['b', 'INVALID_PARTITIONS'],
    ])
  })

  it('are listed by name, and never created by looking', async () => {
    const { fake, clock, admin } = administering()
    const listed = watch(admin.listTopics())
    const described = watch(admin.describeTopics(['b', 'missing']))
    await clock.settle()
    expect(
      listed
        .value()
        .map(({ name, partitions, replicationFactor }) => [name, partitions, replicationFactor]),
    ).toEqual([
      ['a', 1, 1],
      ['b', 2, 1],
    ])
    expect(
      described.value()[0]?.partitions.map(({ partition, leaderId }) => [partition, leaderId]),
    ).toEqual([
      [0, 1],
      [1, 1],
    ])
    expect(described.value()[1]).toMatchObject({
      name: 'missing',
      partitions: [],
      error: { code: 'UNKNOWN_TOPIC_OR_PARTITION' },
    })
    for (const request of fake.requestsOf(Metadata))
      expect(request).toMatchObject({ allowAutoTopicCreation: false })
  })
})
