import { Produce, type RequestOf } from '@varve/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Producer } from '../../packages/client/src/producer/producer.ts'
import { FakeCluster, type RequestAt, type Scripted } from '../support/fake-broker.ts'
import { settingsFor, watch } from '../support/fake-client.ts'

/** What happens to one Produce request. */
const fault = fc.oneof(
  { weight: 6, arbitrary: fc.constant('works' as const) },
  fc.constantFrom(
    'answer lost' as const,
    'request lost' as const,
    'not leader' as const,
    'timed out, appended' as const,
    'too large' as const,
    'refused' as const,
    'leader moves' as const,
    'silence' as const,
  ),
)

type Fault = typeof fault extends fc.Arbitrary<infer T> ? T : never

function refuse(request: RequestOf<typeof Produce>, errorCode: number): Scripted<typeof Produce> {
  return {
    responses: request.topicData.map(topic => ({
      ...topic,
      partitionResponses: topic.partitionData.map(({ index }) => ({
        index,
        errorCode,
        baseOffset: -1,
      })),
    })),
  }
}

function meet(
  cluster: FakeCluster,
  what: Fault,
  request: RequestOf<typeof Produce>,
  at: RequestAt,
) {
  switch (what) {
    case 'works':
      return undefined
    case 'answer lost':
      cluster.produce(request, at)
      return 'close' as const
    case 'request lost':
      return 'close' as const
    case 'not leader':
      return refuse(request, 6)
    case 'timed out, appended':
      cluster.produce(request, at)
      return refuse(request, 7)
    case 'too large':
      return refuse(request, 10)
    case 'refused':
      return refuse(request, 87)
    case 'leader moves':
      for (const { partitionData } of request.topicData) {
        for (const { index } of partitionData)
          cluster.moveLeader('orders', index, (at.brokerId % 2) + 1)
      }
      return undefined
    case 'silence':
      return 'silence' as const
  }
}

const script = fc.record({
  partitions: fc.integer({ min: 1, max: 3 }),
  bursts: fc.array(
    fc.record({
      records: fc.integer({ min: 1, max: 12 }),
      pauseMs: fc.integer({ min: 0, max: 800 }),
    }),
    {
      minLength: 1,
      maxLength: 6,
    },
  ),
  faults: fc.array(fault, { maxLength: 12 }),
  batchSizeBytes: fc.constantFrom(1, 150, 65_536),
  deliveryTimeoutMs: fc.constantFrom(2000, 120_000),
})

describe('an idempotent producer', () => {
  it('writes each acknowledged record once, at its offset, in the order of the sends', async () => {
    await fc.assert(
      fc.asyncProperty(
        script,
        async ({ partitions, bursts, faults, batchSizeBytes, deliveryTimeoutMs }) => {
          const cluster = new FakeCluster(2)
          cluster.addTopic('orders', partitions)
          const { clock } = cluster.platform
          const producer = new Producer(settingsFor(cluster), { batchSizeBytes, deliveryTimeoutMs })
          for (const what of faults)
            cluster.next(Produce, (request, at) => meet(cluster, what, request, at))
          const sent: {
            value: string
            partition: number
            outcome: ReturnType<typeof watch<{ offset: number }>>
          }[] = []
          for (const { records, pauseMs } of bursts) {
            for (let index = 0; index < records; index += 1) {
              const value = `v${sent.length}`
              const partition = sent.length % partitions
              const outcome = watch<{ offset: number }>(
                producer.send({ topic: 'orders', partition, value }),
              )
              sent.push({ value, partition, outcome })
            }
            await clock.advance(pauseMs)
          }
          const closed = watch(producer.close())
          await clock.advance(400_000)
          expect(closed.state()).toBe('resolved')

          for (let partition = 0; partition < partitions; partition += 1) {
            const mine = sent.filter(record => record.partition === partition)
            const log = cluster.values('orders', partition)
            expect(new Set(log).size, 'nothing is written twice').toBe(log.length)
            const order = mine.map(({ value }) => value)
            expect(log, 'in the order of the sends').toEqual(
              order.filter(value => log.includes(value)),
            )
            for (const { value, outcome } of mine) {
              expect(outcome.state()).not.toBe('pending')
              if (outcome.state() === 'rejected') continue
              const { offset } = outcome.value()
              if (offset === -1) expect(log).toContain(value)
              else expect(log[offset]).toBe(value)
            }
          }
          expect(clock.pendingTimers).toBe(0)
        },
      ),
      {
        numRuns: 300,
        examples: [
          // Answered with a timeout twice, while the partition got its sixth batch: the leader did not know it again, and it was written twice.
          [
            {
              partitions: 1,
              bursts: [
                { records: 1, pauseMs: 0 },
                { records: 6, pauseMs: 0 },
              ],
              faults: [
                'works',
                'timed out, appended',
                'works',
                'works',
                'works',
                'works',
                'timed out, appended',
              ],
              batchSizeBytes: 1,
              deliveryTimeoutMs: 2000,
            },
          ],
          // A batch that was appended and whose answer was lost, then refused as too large: splitting it wrote it twice.
          [
            {
              partitions: 1,
              bursts: [
                { records: 1, pauseMs: 0 },
                { records: 2, pauseMs: 0 },
              ],
              faults: ['works', 'answer lost', 'too large'],
              batchSizeBytes: 65_536,
              deliveryTimeoutMs: 2000,
            },
          ],
        ],
      },
    )
  })
})
