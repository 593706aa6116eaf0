import { Produce, type RequestInput, type ResponseOf, ZERO_UUID } from '@varve/protocol'
import { expect } from 'vitest'
import { compressed } from '../hostile-batches.ts'
import { batchOf } from '../record-batches.ts'
import { type At, casesOf, expectError, first } from './case.ts'

type ProduceAt = At<typeof Produce>
type Topic = { readonly name: string; readonly topicId: string }
type Partition = { readonly index: number; readonly records: Uint8Array | null }

const MISSING = { name: 'missing', topicId: 'missingmissingmissingw' }

const addressed = ({ name, topicId }: Topic, version: number) =>
  version < 13 ? { name } : { topicId }

async function produce(
  at: ProduceAt,
  topic: Topic,
  partition: Partition,
  more: Partial<RequestInput<typeof Produce>> = {},
) {
  const { responses, nodeEndpoints } = await at.ask({
    ...{ acks: -1, timeoutMs: 10_000 },
    topicData: [{ ...addressed(topic, at.version), partitionData: [partition] }],
    ...more,
  })
  const answered = first(responses)
  expect([answered.name, answered.topicId]).toEqual(
    at.version < 13 ? [topic.name, ZERO_UUID] : ['', topic.topicId],
  )
  expect(nodeEndpoints).toEqual([])
  return first(answered.partitionResponses)
}

const valid = (index = 0): Partition => ({ index, records: batchOf({ values: ['a', 'b'] }) })

/** A refusal has no offset, and from version 8 on its words. */
function expectRefused(
  at: ProduceAt,
  answer: ResponseOf<typeof Produce>['responses'][number]['partitionResponses'][number],
  error: string,
): void {
  expectError(answer.errorCode, error)
  expect(answer).toMatchObject({ baseOffset: -1, logAppendTimeMs: -1, logStartOffset: -1 })
  expect(answer.currentLeader).toEqual({ leaderId: -1, leaderEpoch: -1 })
  if (at.version < 8) expect([answer.errorMessage, answer.recordErrors]).toEqual([null, []])
}

export const produceCases = casesOf(Produce, {
  'says where the records are': async at => {
    const topic = await at.newTopic()
    const answer = await produce(at, topic, valid())
    expectError(answer.errorCode, 'NONE')
    expect(answer).toMatchObject({
      ...{ index: 0, baseOffset: 3, logAppendTimeMs: -1 },
      ...{ logStartOffset: at.version < 5 ? -1 : 0, recordErrors: [], errorMessage: null },
    })
  },
  'says when they were appended where the topic wants it': async at => {
    const topic = await at.newTopic({ 'message.timestamp.type': 'LogAppendTime' })
    const answer = await produce(at, topic, valid(), { acks: 1 })
    expect(answer.logAppendTimeMs).toBeGreaterThan(1_600_000_000_000)
  },
  'answers an empty request': async at => {
    expect((await at.ask({ acks: -1, timeoutMs: 100, topicData: [] })).responses).toEqual([])
  },
  'says nothing with acks=0': async at => {
    const topic = await at.newTopic()
    at.tell({
      ...{ acks: 0, timeoutMs: 100 },
      topicData: [{ ...addressed(topic, at.version), partitionData: [valid()] }],
    })
    expect((await produce(at, topic, valid())).baseOffset).toBe(5)
  },
  'answers each partition for itself': async at => {
    const { responses } = await at.ask({
      ...{ acks: -1, timeoutMs: 1000 },
      topicData: [
        { ...addressed(await at.newTopic(), at.version), partitionData: [valid(), valid(9)] },
        { ...addressed(MISSING, at.version), partitionData: [valid(), valid(1)] },
      ],
    })
    const missing = at.version < 13 ? 3 : 100
    expect(
      responses.map(topic => topic.partitionResponses.map(answer => answer.errorCode)),
    ).toEqual([
      [0, 3],
      [missing, missing],
    ])
  },
  'knows a topic that is not there': async at => {
    const error = at.version < 13 ? 'UNKNOWN_TOPIC_OR_PARTITION' : 'UNKNOWN_TOPIC_ID'
    expectRefused(at, await produce(at, MISSING, valid()), error)
  },
  'refuses records without a key, and says which': async at => {
    const answer = await produce(at, at.users, valid())
    expectRefused(at, answer, 'INVALID_RECORD')
    if (at.version < 8) return
    expect(answer.errorMessage).toMatch(/\w/)
    expect(first(answer.recordErrors)).toMatchObject({ batchIndex: 0 })
    expect(first(answer.recordErrors).batchIndexErrorMessage).toMatch(/\w/)
  },
  'refuses damaged, absent and empty records': async at => {
    const records = batchOf({ values: ['a'] })
    records[records.length - 1] = (records.at(-1) ?? 0) ^ 0xff
    const topic = await at.newTopic()
    const damaged = await produce(at, topic, { index: 0, records })
    expectRefused(at, damaged, 'CORRUPT_MESSAGE')
    if (at.version >= 8) expect(damaged.errorMessage).toMatch(/\w/)
    expectRefused(at, await produce(at, topic, { index: 0, records: null }), 'INVALID_RECORD')
    const empty = await produce(at, topic, { index: 0, records: new Uint8Array() })
    expect(empty.errorCode).not.toBe(0)
  },
  'refuses a batch that is too large': async at => {
    const topic = await at.newTopic({ 'max.message.bytes': '500' })
    const records = batchOf({ values: ['x'.repeat(1000)] })
    expectRefused(at, await produce(at, topic, { index: 0, records }), 'MESSAGE_TOO_LARGE')
  },
  'refuses acks that there are not': async at => {
    const answer = await produce(at, at.orders, valid(), { acks: 2 })
    expectRefused(at, answer, 'INVALID_REQUIRED_ACKS')
  },
  'knows a producer: its batch once, no gap, no old epoch': async at => {
    const topic = await at.newTopic()
    const send = (baseSequence: number, producerEpoch = 5) =>
      produce(at, topic, {
        index: 0,
        records: batchOf({ values: ['a'], producerId: 900, producerEpoch, baseSequence }),
      })
    expect([(await send(0)).baseOffset, (await send(0)).baseOffset]).toEqual([3, 3])
    expectRefused(at, await send(7), 'OUT_OF_ORDER_SEQUENCE_NUMBER')
    expectRefused(at, await send(1, 4), 'INVALID_PRODUCER_EPOCH')
  },
  'has no transaction that nobody began': async at => {
    const builder = batchOf({
      ...{ values: ['a'], producerId: 901, producerEpoch: 0, baseSequence: 0 },
      isTransactional: true,
    })
    const partition = { index: 0, records: builder }
    const transactionalId = 'payments'
    const answer = await produce(at, at.orders, partition, { transactionalId })
    expectRefused(at, answer, 'INVALID_PRODUCER_ID_MAPPING')
    expectRefused(at, await produce(at, at.orders, partition), 'INVALID_RECORD')
    at.deny(action => action === 'Write TransactionalId payments')
    const denied = await produce(at, at.orders, valid(), { transactionalId })
    expectRefused(at, denied, 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED')
  },
  'asks whether the client may': async at => {
    at.deny(action => action === 'Write Topic orders')
    expectRefused(at, await produce(at, at.orders, valid()), 'TOPIC_AUTHORIZATION_FAILED')
  },
  'takes zstd from version 7 on': async at => {
    const partition = { index: 0, records: compressed('zstd', ['a', 'b']) }
    const answer = await produce(at, await at.newTopic(), partition)
    expectError(answer.errorCode, at.version < 7 ? 'UNSUPPORTED_COMPRESSION_TYPE' : 'NONE')
  },
})
