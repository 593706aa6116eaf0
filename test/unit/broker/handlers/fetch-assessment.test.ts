import { describe, expect, it } from 'vitest'
import {
  FetchAssessment,
  type FetchTerms,
} from '../../../../packages/broker/src/handlers/fetch-assessment.ts'
import type { RequestContext } from '../../../../packages/broker/src/handlers/handler.ts'
import { batchOf, memoryBroker, NOW } from '../../../support/memory-broker.ts'

async function given(terms: Partial<FetchTerms> = {}) {
  const memory = await memoryBroker({ topics: { orders: 2 } })
  const context = { broker: memory.broker, authorize: () => true } as unknown as RequestContext
  const assessment = new FetchAssessment(
    {
      addressing: 'names',
      minBytes: 100,
      maxBytes: 1000,
      upTo: 'high watermark',
      replicaError: undefined,
      ...terms,
    },
    context,
  )
  const add = (
    partition: number,
    more: {
      topic?: string
      maxBytes?: number
      fetchOffset?: number
      lastFetchedEpoch?: number
    } = {},
  ) =>
    assessment.add(
      {
        topic: 'orders',
        partition,
        fetchOffset: 0,
        maxBytes: 1000,
        currentLeaderEpoch: -1,
        lastFetchedEpoch: -1,
        ...more,
      },
      undefined,
    )
  const write = (partition: number) => {
    memory.partition('orders', partition).append(batchOf(['x']), { now: NOW })
    memory.clock.turn()
  }
  const startAt = (partition: number, offset: number) =>
    memory.partition('orders', partition).deleteRecordsBefore(offset)
  return { assessment, add, write, startAt }
}

describe('an assessment', () => {
  it('adds up what can be read, and what is missing', async () => {
    const { assessment, add, write } = await given()
    write(0)
    const first = add(0)
    expect(first.availableBytes).toBeGreaterThan(0)
    expect(assessment.missingBytes).toBe(100 - first.availableBytes)
    expect(assessment.answersNow).toBe(false)
    write(1)
    add(1)
    expect(assessment.answersNow).toBe(true)
  })

  it('counts no more of a partition than the client takes', async () => {
    const { assessment, add, write } = await given()
    write(0)
    add(0, { maxBytes: 10 })
    expect(assessment.missingBytes).toBe(90)
  })

  it('answers at once when there is an error to tell', async () => {
    const { assessment, add } = await given()
    expect(add(0, { fetchOffset: 5 }).error).toBe('OFFSET_OUT_OF_RANGE')
    expect(assessment.answersNow).toBe(true)
  })

  it('refuses a reader whose last epoch the log has never seen, and says nothing of where to go on', async () => {
    const { add, write } = await given()
    write(0)
    const unknown = add(0, { fetchOffset: 1, lastFetchedEpoch: 99 })
    expect(unknown).toMatchObject({ error: 'OFFSET_OUT_OF_RANGE', diverging: undefined })
    expect(add(0, { fetchOffset: 1, lastFetchedEpoch: -1 }).error).toBeUndefined()
  })

  it('refuses a reader below the start of the log before it compares epochs', async () => {
    const { add, write, startAt } = await given()
    write(0)
    write(0)
    await startAt(0, 2)
    const below = add(0, { fetchOffset: 1, lastFetchedEpoch: 0 })
    expect(below).toMatchObject({ error: 'OFFSET_OUT_OF_RANGE', diverging: undefined })
  })

  it('gives every partition the error of a replica that may not be one', async () => {
    const { add } = await given({ replicaError: 'TOPIC_AUTHORIZATION_FAILED' })
    expect([add(0).error, add(1).error]).toEqual([
      'TOPIC_AUTHORIZATION_FAILED',
      'TOPIC_AUTHORIZATION_FAILED',
    ])
    expect(add(0, { topic: 'missing' }).error).toBe('UNKNOWN_TOPIC_OR_PARTITION')
  })
})
