import { errorName } from '@varve/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { makeTopics } from '../../../../packages/broker/src/handlers/create-topics.ts'
import { describeTopicPartitions } from '../../../../packages/broker/src/handlers/describe-topic-partitions.ts'
import { adminBroker } from '../../../support/admin-broker.ts'

type Cursor = { readonly topicName: string; readonly partitionIndex: number } | null

const brokerWith = async (topics: { [name: string]: number }) => {
  const broker = await adminBroker()
  await makeTopics(
    broker.parts,
    Object.entries(topics).map(([name, numPartitions]) => ({
      name,
      numPartitions,
      replicationFactor: 1,
      assignments: [],
      configs: [],
    })),
  )
  const page = async (names: string[], limit: number, cursor: Cursor = null) => {
    const topics = names.map(name => ({ name }))
    const answer = await broker.ask(describeTopicPartitions, 0, {
      topics,
      responsePartitionLimit: limit,
      cursor,
    })
    return {
      found: answer.topics.flatMap(({ name, partitions }) =>
        partitions.map(({ partitionIndex }) => `${name}-${partitionIndex}`),
      ),
      errors: answer.topics.map(({ name, errorCode }) => [name, errorName(errorCode)]),
      next: answer.nextCursor ?? null,
    }
  }
  return { ...broker, page }
}

describe('DescribeTopicPartitions', () => {
  it('says where the next page begins', async () => {
    const { page } = await brokerWith({ b: 3, a: 2 })
    const first = await page([], 3)
    expect(first).toMatchObject({
      found: ['a-0', 'a-1', 'b-0'],
      next: { topicName: 'b', partitionIndex: 1 },
    })
    expect(await page([], 3, first.next)).toMatchObject({ found: ['b-1', 'b-2'], next: null })
  })

  it('gives every partition once over all pages, whatever their size', async () => {
    const { page } = await brokerWith({ a: 2, b: 1, c: 5, d: 3 })
    const whole = (await page([], 100)).found
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: -1, max: 12 }), async limit => {
        const found: string[] = []
        let cursor: Cursor = null
        do {
          const { found: more, next } = await page([], limit, cursor)
          found.push(...more)
          cursor = next
        } while (cursor !== null)
        expect(found).toEqual(whole)
      }),
    )
  })

  it('goes on with the next topic when that of the cursor is gone', async () => {
    const { page } = await brokerWith({ a: 1, c: 1 })
    expect((await page([], 9, { topicName: 'b', partitionIndex: 4 })).found).toEqual(['c-0'])
  })

  it('says what is unknown, illegal or forbidden', async () => {
    const { page, forbid } = await brokerWith({ a: 1, b: 1 })
    forbid(permission => permission === 'Describe Topic b')
    expect((await page(['a', 'b', 'nope', '..'], 9)).errors).toEqual([
      ['..', 'INVALID_TOPIC_EXCEPTION'],
      ['a', 'NONE'],
      ['b', 'TOPIC_AUTHORIZATION_FAILED'],
      ['nope', 'UNKNOWN_TOPIC_OR_PARTITION'],
    ])
    expect((await page([], 9)).errors).toEqual([['a', 'NONE']])
    expect((await page(['a'], 9, { topicName: 'a', partitionIndex: -1 })).errors).toEqual([
      ['a', 'INVALID_REQUEST'],
    ])
  })
})
