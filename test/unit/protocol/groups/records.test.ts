import { Buffer } from 'node:buffer'
import {
  decodeGroupRecord,
  encodeGroupRecord,
  type GroupRecordInput,
  groupRecords,
  WireError,
} from '@varve/protocol'
import { describe, expect, it } from 'vitest'

const topicId = 'IDD3ml3ptdy-FzWCrXPgvA'
const commitKey = { group: 'workers', topic: 'orders', partition: 2 }
const commit = { offset: 42, leaderEpoch: 7, metadata: 'note', commitTimestamp: 1_700_000_000_000 }

const hexOf = (input: GroupRecordInput) => {
  const { key, value } = encodeGroupRecord(input)
  return { key: key.toString('hex'), value: value?.toString('hex') ?? null }
}
const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex')

/** What the coordinator of Kafka 4.1 writes for the same. */
const kafkas: Readonly<Record<string, [GroupRecordInput, string, string | null]>> = {
  'a committed offset with its topic id': [
    { type: 'OffsetCommit', key: commitKey, value: { ...commit, topicId } },
    '00010007776f726b65727300066f726465727300000002',
    '0004000000000000002a00000007056e6f74650000018bcfe568000100102030f79a5de9b5dcbe173582ad73e0bc',
  ],
  'a committed offset without a topic id': [
    { type: 'OffsetCommit', key: commitKey, value: commit },
    '00010007776f726b65727300066f726465727300000002',
    '0004000000000000002a00000007056e6f74650000018bcfe5680000',
  ],
  'a committed offset that expires': [
    {
      type: 'OffsetCommit',
      key: commitKey,
      value: { ...commit, topicId, expireTimestamp: 1_700_000_060_000 },
    },
    '00010007776f726b65727300066f726465727300000002',
    '0001000000000000002a00046e6f74650000018bcfe568000000018bcfe65260',
  ],
  'a classic group that is gone': [
    { type: 'GroupMetadata', key: { group: 'workers' }, value: null },
    '00020007776f726b657273',
    null,
  ],
  'an epoch with a hash of 64 bits': [
    {
      type: 'ConsumerGroupMetadata',
      key: { groupId: 'workers' },
      value: { epoch: 5, metadataHash: 'aaaaaaaaaaaaaaaa' },
    },
    '00030007776f726b657273',
    '000000000005010008aaaaaaaaaaaaaaaa',
  ],
  'a target assignment': [
    {
      type: 'ConsumerGroupTargetAssignmentMember',
      key: { groupId: 'workers', memberId: 'm-1' },
      value: { topicPartitions: [{ topicId, partitions: [0, 2] }] },
    },
    '00070007776f726b65727300036d2d31',
    '0000022030f79a5de9b5dcbe173582ad73e0bc0300000000000000020000',
  ],
  'a regular expression': [
    {
      type: 'ConsumerGroupRegularExpression',
      key: { groupId: 'workers', regularExpression: 'ord.*' },
      value: { topics: ['orders'], version: 9, timestamp: 1_700_000_000_000 },
    },
    '00100007776f726b65727300056f72642e2a',
    '000002076f726465727300000000000000090000018bcfe5680000',
  ],
}

describe('a record of __consumer_offsets', () => {
  for (const [what, [input, key, value]] of Object.entries(kafkas)) {
    it(`is written and read as Kafka does: ${what}`, () => {
      expect(hexOf(input)).toEqual({ key, value })
      const read = decodeGroupRecord(bytes(key), value === null ? null : bytes(value))
      expect(read).toMatchObject({ type: input.type, key: input.key })
      if (read.type === 'unknown') return
      expect(hexOf(read)).toEqual({ key, value })
    })
  }

  it('drops the topic id and the leader epoch of a commit that says when it expires', () => {
    const { key, value } = encodeGroupRecord({
      type: 'OffsetCommit',
      key: commitKey,
      value: { ...commit, topicId, expireTimestamp: 1_700_000_060_000 },
    })
    expect(decodeGroupRecord(key, value)).toMatchObject({
      value: { offset: 42, leaderEpoch: -1, expireTimestamp: 1_700_000_060_000 },
    })
  })

  it('writes a classic group in version 3, the last without tagged fields', () => {
    const { value } = hexOf({
      type: 'GroupMetadata',
      key: { group: 'workers' },
      value: {
        protocolType: 'consumer',
        generation: 1,
        protocol: null,
        leader: null,
        currentStateTimestamp: 5,
        members: [],
      },
    })
    expect(value).toBe(
      `0003${'0008636f6e73756d6572'}00000001${'ffff'}${'ffff'}${'0000000000000005'}00000000`,
    )
  })

  it('is unknown, not wrong, when its kind is of another time', () => {
    expect(decodeGroupRecord(bytes('7fff00ff'), bytes('ff'))).toEqual({
      type: 'unknown',
      keyVersion: 0x7fff,
    })
    expect(decodeGroupRecord(bytes('0009'), null)).toEqual({ type: 'unknown', keyVersion: 9 })
    expect(decodeGroupRecord(bytes('ffff'), null)).toEqual({ type: 'unknown', keyVersion: -1 })
  })

  it('keeps what it knows of a value to which a later Kafka has added tagged fields', () => {
    const byKafka44 = [
      '42fd79505f6ebc7b6203717ed84dce3788e38cd6a4fe59086fa003104d2fe3674a1f750100090317',
      '3f7732603847a834b2ec80dddaa7935769033792cc85b80356a6626843a732f20100090349a8636a',
      '40a5340003626796618d0337d206615b46fcef5180030a18a50c05ea019e0100090330404c7f4747',
      '7ce978787fd700085b3ea011d6c9980bb46a036058e88f2953b81901000903706d3827197068b100',
    ]
    const value = bytes(`0000${byKafka44.join('')}`)
    expect(decodeGroupRecord(bytes('0008000167000161'), value)).toEqual({
      type: 'ConsumerGroupCurrentMemberAssignment',
      key: { groupId: 'g', memberId: 'a' },
      value: {
        memberEpoch: 1_123_907_920,
        previousMemberEpoch: 1_601_092_731,
        state: 98,
        assignedPartitions: [
          { topicId: 'cX7YTc43iOOM1qT-WQhvoA', partitions: [273_493_987, 1_732_910_965] },
          { topicId: 'NLLsgN3ap5NXaQM3ksyFuA', partitions: [1_453_744_744, 1_135_031_026] },
        ],
        partitionsPendingRevocation: [
          { topicId: 'YmeWYY0DN9IGYVtG_O9RgA', partitions: [169_387_276, 99_221_918] },
          { topicId: 'eHh_1wAIWz6gEdbJmAu0ag', partitions: [1_616_439_439, 693_352_473] },
        ],
      },
    })
  })

  it('is refused when it has no key, is cut short, or its value is of an unknown version', () => {
    const key = bytes('00010007776f726b65727300066f726465727300000002')
    expect(() => decodeGroupRecord(null, null)).toThrow(WireError)
    expect(() => decodeGroupRecord(bytes(''), null)).toThrow(WireError)
    expect(() => decodeGroupRecord(bytes('00'), null)).toThrow(WireError)
    expect(() => decodeGroupRecord(key.subarray(0, 10), null)).toThrow(WireError)
    expect(() => decodeGroupRecord(key, bytes(''))).toThrow(WireError)
    expect(() => decodeGroupRecord(key, bytes('0005'))).toThrow(WireError)
    expect(() => decodeGroupRecord(key, bytes('ffff'))).toThrow(WireError)
    expect(() => decodeGroupRecord(key, bytes('0004000000'))).toThrow(WireError)
  })

  it('has a number of its own, the same in key and value', () => {
    const numbers = Object.values(groupRecords).map(({ key, value }) => [key.key, value.key])
    expect(numbers.every(([key, value]) => key === value)).toBe(true)
    expect(new Set(numbers.map(([key]) => key)).size).toBe(numbers.length)
  })

  it('is named after its tables, and written in a version that they have', () => {
    for (const [name, { key, value, valueVersion }] of Object.entries(groupRecords)) {
      expect([key.name, value.name]).toEqual([`${name}Key`, `${name}Value`])
      expect(valueVersion).toBeGreaterThanOrEqual(value.versions[0])
      expect(valueVersion).toBeLessThanOrEqual(value.versions[1])
    }
  })
})

it('reads a member of a KIP-848 group as Kafka 4.2 writes it, with a tagged struct that is null', () => {
  const key = Buffer.from('AAUAAmcyABZOQmdxQUk0N1REaVg2b2NwZ0ZQb1F3', 'base64')
  const value = Buffer.from('AAAAAAVtYWtlCy8xMjcuMC4wLjECBnBsYWluAQAA6mAAAQABAA==', 'base64')
  expect(decodeGroupRecord(key, value)).toMatchObject({
    type: 'ConsumerGroupMemberMetadata',
    key: { groupId: 'g2', memberId: 'NBgqAI47TDiX6ocpgFPoQw' },
    value: { clientId: 'make', subscribedTopicNames: ['plain'], classicMemberMetadata: null },
  })
})
