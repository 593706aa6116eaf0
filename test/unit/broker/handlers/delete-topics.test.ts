import { errorName, ZERO_UUID } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { makeTopics } from '../../../../packages/broker/src/handlers/create-topics.ts'
import { deleteTopics } from '../../../../packages/broker/src/handlers/delete-topics.ts'
import { adminBroker } from '../../../support/admin-broker.ts'

const brokerWith = async (names: string[], ...overrides: string[]) => {
  const broker = await adminBroker(...overrides)
  await makeTopics(
    broker.parts,
    names.map(name => ({
      name,
      numPartitions: 1,
      replicationFactor: 1,
      assignments: [],
      configs: [],
    })),
  )
  const remove = async (version: number, topics: object[] | string[]) => {
    const request = version < 6 ? { topicNames: topics, topics: [] } : { topics, topicNames: [] }
    const { responses } = await broker.ask(deleteTopics, version, { ...request, timeoutMs: 1 })
    return responses.map(({ name, errorCode }) => [name, errorName(errorCode)])
  }
  const names_ = () => [...broker.store.image.topics.byName.keys()]
  return { ...broker, remove, names: names_ }
}

describe('DeleteTopics', () => {
  it('deletes by name and by id, and answers with the name', async () => {
    const { remove, store, names } = await brokerWith(['a', 'b', 'c'])
    const topicId = store.image.topics.byName.get('b')?.topicId
    expect(
      await remove(6, [
        { name: 'a', topicId: ZERO_UUID },
        { name: null, topicId },
      ]),
    ).toEqual([
      ['a', 'NONE'],
      ['b', 'NONE'],
    ])
    expect(await remove(5, ['c'])).toEqual([['c', 'NONE']])
    expect(names()).toEqual([])
  })

  it('says what is unknown, malformed or named twice, and deletes none of it', async () => {
    const { remove, store, names } = await brokerWith(['a', 'b'])
    const topicId = store.image.topics.byName.get('a')?.topicId
    expect(
      await remove(6, [
        { name: 'nope', topicId: ZERO_UUID },
        { name: null, topicId: 'AAAAAAAAAAAAAAAAAAAACQ' },
        { name: null, topicId: ZERO_UUID },
        { name: 'b', topicId },
        { name: 'a', topicId: ZERO_UUID },
        { name: null, topicId },
      ]),
    ).toEqual([
      ['nope', 'UNKNOWN_TOPIC_OR_PARTITION'],
      [null, 'UNKNOWN_TOPIC_ID'],
      [null, 'INVALID_REQUEST'],
      ['b', 'INVALID_REQUEST'],
      ['a', 'INVALID_REQUEST'],
      [null, 'INVALID_REQUEST'],
    ])
    expect(names()).toEqual(['a', 'b'])
  })

  it('does not tell a name to those who may not describe the topic', async () => {
    const { remove, store, forbid, names } = await brokerWith(['a'])
    const topicId = store.image.topics.byName.get('a')?.topicId
    forbid(permission => permission === 'Describe Topic a')
    expect(await remove(6, [{ name: null, topicId }])).toEqual([
      [null, 'TOPIC_AUTHORIZATION_FAILED'],
    ])
    forbid(permission => permission === 'Delete Topic a')
    expect(await remove(6, [{ name: null, topicId }])).toEqual([
      ['a', 'TOPIC_AUTHORIZATION_FAILED'],
    ])
    expect(names()).toEqual(['a'])
  })

  it('deletes nothing where deletion is disabled', async () => {
    const { remove, names } = await brokerWith(['a'], 'delete.topic.enable=false')
    expect(await remove(5, ['a'])).toEqual([['a', 'TOPIC_DELETION_DISABLED']])
    expect(await remove(2, ['a'])).toEqual([['a', 'INVALID_REQUEST']])
    expect(names()).toEqual(['a'])
  })
})
