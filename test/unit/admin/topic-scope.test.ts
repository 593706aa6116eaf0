import { startBroker } from '@varve/broker'
import { Varve } from '@varve/client'
import { describe, expect, it } from 'vitest'
import { CommandError, UsageError } from '../../../packages/admin/src/command-error.ts'
import { byPlace, partitionsOf, topicScope } from '../../../packages/admin/src/topic-scope.ts'

describe('topicScope', () => {
  it('reads a topic, or some of its partitions', () => {
    expect(topicScope('orders')).toEqual({ topic: 'orders', partitions: undefined })
    expect(topicScope('orders:0,2, 11')).toEqual({ topic: 'orders', partitions: [0, 2, 11] })
  })

  it('refuses the rest with a sentence', () => {
    for (const text of ['', ':0', 'orders:', 'orders:a', 'orders:-1', 'orders:0:1', 'orders:1.5'])
      expect(() => topicScope(text)).toThrow(UsageError)
  })
})

describe('partitionsOf', () => {
  it('names each partition once, in order, and refuses those that are not there', async () => {
    await using broker = await startBroker({ storage: 'memory' })
    await using admin = new Varve({ brokers: [broker.address] }).admin()
    await admin.createTopics([
      { name: 'b', partitions: 2 },
      { name: 'a', partitions: 3 },
    ])
    const scopes = ['b', 'a:2,0', 'a:0'].map(topicScope)
    expect(await partitionsOf(admin, scopes)).toEqual([
      { topic: 'a', partition: 0 },
      { topic: 'a', partition: 2 },
      { topic: 'b', partition: 0 },
      { topic: 'b', partition: 1 },
    ])
    await expect(partitionsOf(admin, [topicScope('a:3')])).rejects.toThrow(CommandError)
    await expect(partitionsOf(admin, [topicScope('gone')])).rejects.toThrow('gone')
  })
})

it('byPlace puts partitions of a topic together, by number', () => {
  const at = (topic: string, partition: number) => ({ topic, partition })
  expect([at('b', 0), at('a', 10), at('a', 9)].sort(byPlace)).toEqual([
    at('a', 9),
    at('a', 10),
    at('b', 0),
  ])
})
