import { describe, expect, it } from 'vitest'
import { EMPTY_IMAGE } from '../../../../packages/client/src/cluster/image.ts'
import { Accumulator } from '../../../../packages/client/src/producer/accumulator.ts'
import {
  type ProducerOptions,
  producerSettings,
} from '../../../../packages/client/src/producer/options.ts'
import type { PartitionQueue } from '../../../../packages/client/src/producer/partition-queue.ts'
import { FakePlatform } from '../../../support/fake-platform.ts'

const partition = {
  partition: 0,
  leaderId: 1,
  leaderEpoch: 0,
  replicas: [],
  inSyncReplicas: [],
  offlineReplicas: [],
  error: undefined,
}
const image = {
  ...EMPTY_IMAGE,
  topics: new Map([
    ['t', { name: 't', topicId: '', isInternal: false, error: undefined, partitions: [partition] }],
  ]),
}

function accumulating(options: ProducerOptions = {}) {
  const platform = new FakePlatform(() => undefined)
  const unknown: string[] = []
  const queues = new Set<PartitionQueue>()
  const listener = {
    onUnknownTopic: (topic: string) => {
      unknown.push(topic)
    },
    onBatch: (queue: PartitionQueue) => {
      queues.add(queue)
    },
  }
  const accumulator = new Accumulator({ settings: producerSettings(options), platform, listener })
  const outcomes: unknown[] = []
  const add = (value: unknown, more: object = {}) => {
    const resolve = (outcome: unknown) => {
      if (outcome instanceof Promise) outcome.catch((error: Error) => outcomes.push(error.message))
      else outcomes.push(outcome)
    }
    accumulator.add({ topic: 't', value, ...more } as never, resolve, 0)
  }
  return { accumulator, add, unknown, outcomes, queues, platform }
}

describe('Accumulator', () => {
  it('asks once for a topic that it does not know, and keeps what waits for it in order', () => {
    const { accumulator, add, unknown, queues } = accumulating()
    add('a')
    add('b')
    expect(unknown).toEqual(['t'])
    expect(accumulator.isWaitingFor('t')).toBe(true)
    accumulator.topicsKnown(image)
    expect([...queues][0]?.open?.recordsCount).toBe(2)
  })

  it('counts what it holds, and lets in what waited when there is room', () => {
    const { accumulator, add, queues } = accumulating({ bufferMemoryBytes: 100, batchSizeBytes: 1 })
    accumulator.topicsKnown(image)
    add('a')
    accumulator.topicsKnown(image)
    add('b')
    add('c')
    add('d')
    expect(accumulator.hasRoom).toBe(false)
    const [queue] = queues
    const held = () => queue?.batches().length
    expect(held()).toBe(2)
    for (let count = 0; count < 4; count += 1) {
      const [batch] = queue?.batches() ?? []
      if (batch === undefined) break
      queue?.resolve(batch)
      accumulator.release(batch)
    }
    expect(accumulator.bufferedBytes).toBe(0)
    expect(accumulator.hasRoom).toBe(true)
  })

  it('refuses bad records one by one', async () => {
    const { accumulator, add, outcomes } = accumulating()
    add('a')
    accumulator.topicsKnown(image)
    add(5)
    add(undefined)
    add('x', { timestamp: -1 })
    add('x', { topic: '' })
    add('x', { headers: { h: 7 } })
    await Promise.resolve()
    expect(outcomes).toEqual([
      'value is 5; expected a string, a Buffer, a Uint8Array or null',
      'value is undefined; expected a string, a Buffer, a Uint8Array or null',
      'timestamp is -1; expected milliseconds since 1970',
      'topic is ""; expected the name of a topic',
      'header h is 7; expected a string, a Buffer, a Uint8Array or null',
    ])
  })

  it('knows the lowest record that is not settled, wherever it is', () => {
    const { accumulator, add, queues } = accumulating()
    expect(accumulator.lowestUnsettled()).toBe(Number.POSITIVE_INFINITY)
    add('a')
    expect(accumulator.lowestUnsettled()).toBe(0)
    accumulator.topicsKnown(image)
    expect(accumulator.lowestUnsettled()).toBe(0)
    const batch = [...queues][0]?.open
    if (batch !== undefined) accumulator.release(batch)
    expect(accumulator.lowestUnsettled()).toBe(Number.POSITIVE_INFINITY)
  })

  it('fails what waited too long', async () => {
    const { accumulator, add, outcomes, platform } = accumulating({ deliveryTimeoutMs: 1000 })
    add('a')
    await platform.clock.advance(1000)
    accumulator.expireWaiting(platform.clock.monotonic())
    await Promise.resolve()
    expect(outcomes).toEqual(['topic t was not known within 1000 ms'])
    expect(accumulator.bufferedBytes).toBe(0)
  })

  it('fails all that is in no batch, also what would have room then', async () => {
    const { accumulator, add, outcomes } = accumulating({ bufferMemoryBytes: 100 })
    for (const value of ['a', 'b', 'c', 'd']) add(value)
    accumulator.failWaiting(new Error('aborted'))
    await Promise.resolve()
    expect(outcomes).toEqual(['aborted', 'aborted', 'aborted', 'aborted'])
    expect(accumulator.isWaitingFor('t')).toBe(false)
    expect(accumulator.lowestUnsettled()).toBe(Number.POSITIVE_INFINITY)
  })
})
