import {
  batchesOf,
  buildControlBatch,
  buildTransactionMarker,
  encodeAssignment,
  encodeGroupRecord,
  encodeMetadataRecord,
  encodeSubscription,
  type LogRecord,
  recordsOf,
  transactionRecordCodec,
} from '@varve/protocol'
import { expect, it } from 'vitest'
import {
  decodeControl,
  decodeRecord,
  decoderFor,
} from '../../../../../packages/broker/src/log/dump/decode-record.ts'
import { leaderChangeBatch } from '../../../../../packages/broker/src/metadata/control-batch.ts'
import { batchOf } from '../../../../support/record-batches.ts'

function recordIn(bytes: Uint8Array): LogRecord {
  for (const batch of batchesOf(bytes)) for (const record of recordsOf(batch)) return record
  throw new Error('there is no record')
}

const record = (key: Uint8Array | null, value: Uint8Array | null): LogRecord =>
  ({ key, value }) as LogRecord

it('reads by the name of an internal topic, and users’ records not at all', () => {
  expect(decoderFor('__consumer_offsets')).toBe('offsets')
  expect(decoderFor('__cluster_metadata')).toBe('metadata')
  expect(decoderFor('orders')).toBe('none')
  expect(decodeRecord(record(null, Buffer.from('x')), 'none')).toBeUndefined()
})

it('shows a commit by the number of its kind and the version of its value', () => {
  const { key, value } = encodeGroupRecord({
    type: 'OffsetCommit',
    key: { group: 'g', topic: 't', partition: 2 },
    value: { offset: 7, leaderEpoch: 1, metadata: 'm', commitTimestamp: 5 },
  })
  const shownKey = { type: 1, data: { group: 'g', topic: 't', partition: 2 } }
  expect(decodeRecord(record(key, value), 'offsets')).toMatchObject({
    ...{ type: 'keyed', key: shownKey },
    value: { version: 4, data: { offset: 7, metadata: 'm' } },
  })
  expect(decodeRecord(record(key, null), 'offsets')).toEqual({
    ...{ type: 'keyed', key: shownKey, value: null },
  })
})

it('opens what members of a classic group of consumers said', () => {
  const members = [
    {
      ...{ memberId: 'm', groupInstanceId: null, clientId: 'c', clientHost: 'h' },
      ...{ rebalanceTimeout: 1, sessionTimeout: 2 },
      subscription: encodeSubscription(0, { topics: ['t'], userData: Buffer.from([1]) }),
      assignment: encodeAssignment(0, { assignedPartitions: [], userData: null }),
    },
    {
      ...{ memberId: 'n', groupInstanceId: null, clientId: 'c', clientHost: 'h' },
      ...{ rebalanceTimeout: 1, sessionTimeout: 2 },
      ...{ subscription: Buffer.from([9]), assignment: Buffer.alloc(0) },
    },
  ]
  const group = { protocol: 'range', leader: 'm', currentStateTimestamp: 1, members }
  const { key, value } = encodeGroupRecord({
    type: 'GroupMetadata',
    key: { group: 'g' },
    value: { protocolType: 'consumer', generation: 1, ...group },
  })
  expect(decodeRecord(record(key, value), 'offsets')).toMatchObject({
    value: {
      data: {
        members: [
          {
            subscription: { topics: ['t'], userData: 'AQ==' },
            assignment: { assignedPartitions: [] },
          },
          { subscription: 'CQ==', assignment: '' },
        ],
      },
    },
  })
})

it('reads transactions and metadata by their own tables', () => {
  const { key, value } = transactionRecordCodec.encode({
    type: 'TransactionLog',
    key: { transactionalId: 'pay' },
    value: {
      ...{ producerId: 5, producerEpoch: 0, transactionTimeoutMs: 1, transactionStatus: 0 },
      ...{ transactionPartitions: null, transactionLastUpdateTimestampMs: 3 },
      transactionStartTimestampMs: -1,
    },
  })
  expect(decodeRecord(record(key, value), 'transactions')).toMatchObject({
    key: { data: { transactionalId: 'pay' } },
    value: { version: 1, data: { producerId: 5 } },
  })
  const topic = { name: 'orders', topicId: '5cPvIX1xQhO2hmycafN0mg' }
  const metadata = encodeMetadataRecord({ type: 'TopicRecord', version: 0, record: topic })
  expect(decodeRecord(record(null, metadata), 'metadata')).toEqual({
    ...{ type: 'metadata', name: 'TOPIC_RECORD', version: 0, data: topic },
  })
})

it('says of markers and other control records what they are', () => {
  const marker = { producerId: 1, producerEpoch: 0, coordinatorEpoch: 4, timestamp: 1 }
  expect(decodeControl(recordIn(buildTransactionMarker({ type: 'ABORT', ...marker })))).toEqual({
    ...{ type: 'marker', marker: 'ABORT', coordinatorEpoch: 4 },
  })
  const leader = leaderChangeBatch(3, { baseOffset: 0, leaderEpoch: 1, timestamp: 1 })
  expect(decodeControl(recordIn(leader))).toMatchObject({
    ...{ type: 'control', number: 2, name: 'LEADER_CHANGE' },
    data: { version: 0, leaderId: 3, voters: [{ voterId: 3 }] },
  })
  const later = recordIn(
    buildControlBatch({ type: 'COMMIT', value: Buffer.alloc(2), timestamp: 1 }),
  )
  expect(decodeControl(later).type).toBe('undecoded')
  const unknown = Buffer.from([0, 0, 0, 99])
  expect(decodeControl(record(unknown, Buffer.alloc(2)))).toMatchObject({
    ...{ type: 'control', number: 99, name: 'UNKNOWN' },
  })
})

it('says why a record cannot be read', () => {
  const users = recordIn(batchOf({ values: ['x'] }))
  for (const decoder of ['offsets', 'transactions', 'share', 'metadata'] as const)
    expect(decodeRecord(users, decoder)).toMatchObject({ type: 'undecoded' })
  const kind = decodeRecord(record(Buffer.from([0, 99]), Buffer.alloc(2)), 'offsets')
  expect(kind).toEqual({ type: 'undecoded', about: 'its kind 99 is not known' })
})
