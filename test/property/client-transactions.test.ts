/** Whatever is lost on the way, a producer says of its transactions what their coordinator decided, or that it cannot know. */
import {
  AddPartitionsToTxn,
  type Api,
  EndTxn,
  InitProducerId,
  Produce,
  RecordBatch,
  type RequestOf,
} from '@varve/protocol'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Producer } from '../../packages/client/src/producer/producer.ts'
import type { Transaction } from '../../packages/client/src/transaction/transaction.ts'
import { FakeCluster, type RequestAt } from '../support/fake-broker.ts'
import { settingsFor, watch } from '../support/fake-client.ts'
import { FakeTransactions } from '../support/fake-transactions.ts'

/**
 * What happens to a request: it arrives, its answer is lost, the producer is fenced before it can ask again, the request itself
 * is lost, or nobody answers.
 */
const FATES = ['answer lost', 'answer lost, fenced', 'request lost', 'silence'] as const
/** What else happens in a transaction, before its end. */
const EVENTS = ['nothing', 'nothing', 'nothing', 'times out', 'is fenced', 'is aborted'] as const

type Fate = (typeof FATES)[number] | 'arrives'

/** Some requests arrive, then some in a row do not: few are coped with, of many the producer has to speak. */
const fates = fc
  .array(fc.tuple(fc.nat(12), fc.constantFrom(...FATES), fc.constantFrom(1, 2, 25)), {
    maxLength: 6,
  })
  .map(runs =>
    runs.flatMap(([arriving, fate, count]): Fate[] => [
      ...Array.from({ length: arriving }, () => 'arrives' as const),
      ...Array.from({ length: count }, () => fate),
    ]),
  )

function faultyStage(version: 1 | 2, fatesInOrder: readonly Fate[]) {
  const fake = new FakeCluster(2)
  fake.addTopic('t', 2)
  const coordinator = new FakeTransactions(fake, { version })
  let next = 0
  const faulty = <A extends Api>(
    api: A,
    carryOut: (request: RequestOf<A>, at: RequestAt) => unknown,
  ) =>
    fake.always(api, (request, at) => {
      const fate = fatesInOrder[next] ?? 'arrives'
      next += 1
      if (fate === 'request lost') return 'close'
      const answer = fate === 'silence' && next % 2 === 0 ? undefined : carryOut(request, at)
      if (fate === 'arrives') return answer as never
      if (fate === 'answer lost, fenced') coordinator.fence()
      return fate === 'silence' ? 'silence' : 'close'
    })
  faulty(InitProducerId, request => coordinator.init(request))
  faulty(EndTxn, (request, at) => coordinator.end(request, at.version))
  faulty(AddPartitionsToTxn, request => coordinator.addPartitions(request))
  faulty(Produce, (request, at) => fake.produce(request, at))
  const settings = settingsFor(fake, { requestTimeoutMs: 500, apiTimeoutMs: 3000 })
  const options = { transactionalId: 'x', deliveryTimeoutMs: 3000 }
  const { clock } = fake.platform
  return { fake, coordinator, clock, newProducer: () => new Producer(settings, options) }
}

it('a producer says the truth about its transactions, and gets on with the next', async () => {
  const outcomes = new Set<string>()
  const property = fc.asyncProperty(
    fc.constantFrom<1 | 2>(1, 2),
    fates,
    fc.array(fc.constantFrom(...EVENTS), { minLength: 1, maxLength: 6 }),
    async (version, fatesInOrder, events) => {
      const { fake, coordinator, clock, newProducer } = faultyStage(version, fatesInOrder)
      const settled = async <T>(promise: Promise<T>) => {
        const watched = watch(promise)
        for (let turns = 0; turns < 300 && watched.state() === 'pending'; turns += 1)
          await clock.advance(100)
        if (watched.state() === 'pending') throw new Error('the producer is stuck')
        return watched
      }
      const commits = () => coordinator.ends.filter(({ result }) => result === 'commit').length
      let producer = newProducer()
      for (const [index, event] of events.entries()) {
        const begun = await settled(producer.transaction())
        if (begun.state() === 'rejected') {
          expect(['FENCED', 'TIMED_OUT']).toContain(begun.error().code)
          if (begun.error().code === 'FENCED') producer = newProducer()
          continue
        }
        const before = commits()
        const transaction: Transaction = begun.value()
        const value = `value ${index}`
        for (const partition of [0, 1]) void transaction.send({ topic: 't', partition, value })
        await clock.advance(50)
        if (event === 'times out') coordinator.timeOut()
        if (event === 'is fenced') coordinator.fence()
        const ending = event === 'is aborted' ? transaction.abort() : transaction.commit()
        const ended = await settled(ending)
        const code = ended.state() === 'resolved' ? transaction.state : ended.error().code
        outcomes.add(`v${version} ${code}`)
        if (code === 'committed') {
          expect(commits()).toBe(before + 1)
          for (const partition of [0, 1]) {
            const values = fake.values('t', partition).filter(one => one === value)
            expect(values).toEqual([value])
          }
        } else if (code !== 'OUTCOME_UNKNOWN') expect(commits()).toBe(before)
        if (event === 'times out' || event === 'is fenced') expect(code).not.toBe('committed')
        await settled(transaction[Symbol.asyncDispose]())
      }
      await settled(producer.close())
      for (const partition of [0, 1]) {
        const epochs = fake
          .partition('t', partition)
          .batches.map(bytes => new RecordBatch(bytes).producerEpoch)
        expect(epochs).toEqual(epochs.toSorted((a, b) => a - b))
      }
    },
  )
  await fc.assert(property, { numRuns: 200 })
  // The walks come everywhere.
  for (const version of ['v1', 'v2'])
    for (const code of ['committed', 'aborted', 'TRANSACTION_FAILED', 'FENCED', 'OUTCOME_UNKNOWN'])
      expect(outcomes).toContain(`${version} ${code}`)
}, 120_000)
