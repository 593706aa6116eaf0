import type { DecodedRecord, DumpEntry } from '@varve/broker'
import { expect, it } from 'vitest'
import { jsonOfEntry, linesOfEntry } from '../../../packages/admin/src/dump-lines.ts'

const lineOf = (entry: DumpEntry): string => linesOfEntry('f', entry).join('\n')

const record = (decoded: DecodedRecord | undefined): DumpEntry => ({
  ...{ type: 'record', offset: 7, timestampType: 'CreateTime', timestamp: 1000 },
  ...{ keyBytes: 1, valueBytes: 2, sequence: -1, headers: [], decoded },
  ...{ key: Buffer.from('k'), value: Buffer.from([0xff, 0]) },
})
const where = '| offset: 7 CreateTime: 1000 keySize: 1 valueSize: 2 sequence: -1 headerKeys: []'

// Lines in this file are Kafka 4.2's for the same bytes.
it('prints entries of indexes and snapshots as DumpLogSegments does', () => {
  expect(lineOf({ type: 'offset index', offset: 5, position: 530 })).toBe('offset: 5 position: 530')
  expect(lineOf({ type: 'time index', timestamp: 1795325868022, offset: 5 })).toBe(
    'timestamp: 1795325868022 offset: 5',
  )
  const aborted = { producerId: 5, firstOffset: 0, lastOffset: 6, lastStableOffset: 3 }
  expect(lineOf({ type: 'aborted transaction', ...aborted })).toBe(
    'version: 0 producerId: 5 firstOffset: 0 lastOffset: 6 lastStableOffset: 3',
  )
  const newest = {
    firstSequence: 0,
    lastSequence: 1,
    baseOffset: 3,
    lastOffset: 4,
    timestamp: 1000,
  }
  const producer = {
    type: 'producer',
    ...{ producerId: 6, producerEpoch: 0, sequencesKnown: 2 },
    ...{ lastTimestamp: 1000, coordinatorEpoch: -1 },
  } as const
  expect(lineOf({ ...producer, transactionFirstOffset: 3, batches: [newest] })).toBe(
    'producerId: 6 producerEpoch: 0 coordinatorEpoch: -1 currentTxnFirstOffset: OptionalLong[3] ' +
      'lastTimestamp: 1000 firstSequence: 0 lastSequence: 1 lastOffset: 4 offsetDelta: 1 timestamp: 1000',
  )
  expect(lineOf({ ...producer, transactionFirstOffset: -1, batches: [] })).toBe(
    'producerId: 6 producerEpoch: 0 coordinatorEpoch: -1 currentTxnFirstOffset: OptionalLong.empty lastTimestamp: 1000',
  )
})

it('prints what a record of an internal topic says', () => {
  const key = { type: 1, data: { group: 'g' } }
  expect(lineOf(record({ type: 'keyed', key, value: { version: 4, data: { offset: 1 } } }))).toBe(
    `${where} key: {"type":"1","data":{"group":"g"}} payload: {"version":"4","data":{"offset":1}}`,
  )
  expect(lineOf(record({ type: 'keyed', key, value: null }))).toContain('payload: <DELETE>')
  const metadata = { type: 'metadata', name: 'TOPIC_RECORD', version: 0, data: {} } as const
  expect(lineOf(record(metadata))).toBe(
    `${where} payload: {"type":"TOPIC_RECORD","version":0,"data":{}}`,
  )
  const control = {
    type: 'control',
    number: 2,
    name: 'LEADER_CHANGE',
    data: { leaderId: 1 },
  } as const
  expect(lineOf(record(control))).toBe(`${where} LeaderChange: {"leaderId":1}`)
  expect(lineOf(record({ type: 'control', number: 9, name: 'UNKNOWN', data: null }))).toBe(
    `${where} controlType: UNKNOWN(9)`,
  )
})

it('prints bytes that are no text as base64, also of a record that could not be read', () => {
  expect(lineOf(record(undefined))).toBe(`${where} key: k payload: base64:/wA=`)
  expect(lineOf(record({ type: 'undecoded', about: 'its kind 99 is not known' }))).toBe(
    `${where} undecoded: its kind 99 is not known key: k payload: base64:/wA=`,
  )
})

it('prints what Kafka has no words for in the same manner', () => {
  expect(lineOf({ type: 'leader epoch', epoch: 1, startOffset: 5 })).toBe('epoch: 1 startOffset: 5')
  expect(lineOf({ type: 'checkpoint', topic: 't', partition: 1, offset: 5 })).toBe(
    'topic: t partition: 1 offset: 5',
  )
  expect(lineOf({ type: 'property', name: 'node.id', value: '1' })).toBe('node.id: 1')
  const batch = { firstSequence: 0, lastSequence: 1, baseOffset: 3, lastOffset: 4, timestamp: 9 }
  const sequences = { producerId: 6, sequencesKnown: 2, batches: [batch] }
  expect(lineOf({ type: 'sequences', ...sequences })).toBe(
    'producerId: 6 sequencesKnown: 2\n| firstSequence: 0 lastSequence: 1 baseOffset: 3 lastOffset: 4 timestamp: 9',
  )
  const group = {
    ...{ generation: 1, incarnation: 'ab', sequence: 3, neededFrom: 2, bodyBytes: 100 },
    ...{ bodyCrc: 1, durableCount: 1, entryCount: 1, position: 4160 },
  }
  expect(lineOf({ type: 'journal group', ...group })).toBe(
    'group sequence: 3 generation: 1 incarnation: ab neededFrom: 2 position: 4160 size: 100 durableOffsets: 1 entries: 1',
  )
  const place = { topicId: 'x', partition: 0, leaderEpoch: 1, baseOffset: 2, endOffset: 3 }
  const inSegment = { segmentBaseOffset: 0, segmentPosition: 70, sizeBytes: 35 }
  expect(lineOf({ type: 'journal entry', holds: 'bytes', ...place, ...inSegment })).toBe(
    '| bytes topicId: x partition: 0 leaderEpoch: 1 baseOffset: 2 endOffset: 3 segmentBaseOffset: 0 segmentPosition: 70 size: 35',
  )
  expect(lineOf({ type: 'durable offset', topicId: 'x', partition: 0, offset: 4 })).toBe(
    '| durable topicId: x partition: 0 offset: 4',
  )
  expect(lineOf({ type: 'flaw', position: 4, about: 'bad' })).toBe('Found at position 4: bad')
  expect(lineOf({ type: 'flaw', position: undefined, about: 'bad' })).toBe('Found: bad')
})

it('gives bytes in JSON as text, or as base64 under another name', () => {
  expect(JSON.parse(jsonOfEntry('f', record(undefined)))).toMatchObject({
    ...{ file: 'f', type: 'record', key: 'k', valueBase64: '/wA=' },
  })
  expect(JSON.parse(jsonOfEntry('f', { type: 'offset index', offset: 1, position: 2 }))).toEqual({
    ...{ file: 'f', type: 'offset index', offset: 1, position: 2 },
  })
})
