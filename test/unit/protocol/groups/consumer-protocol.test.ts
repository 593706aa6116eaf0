import { Buffer } from 'node:buffer'
import {
  decodeAssignment,
  decodeSubscription,
  encodeAssignment,
  encodeSubscription,
  WireError,
} from '@varve/protocol'
import { describe, expect, it } from 'vitest'

const partitions = [{ topic: 'orders', partitions: [0, 2] }]
const subscription = {
  topics: ['orders'],
  userData: Buffer.from([1, 2]),
  ownedPartitions: partitions,
  generationId: 3,
  rackId: 'r1',
}
const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex')

/** What the Java client of Kafka 4.1 makes of the same. */
const topics = '0000000100066f7264657273'
const owned = '0000000100066f7264657273000000020000000000000002'
const subscriptions = [
  `0000${topics}000000020102`,
  `0001${topics}000000020102${owned}`,
  `0002${topics}000000020102${owned}00000003`,
  `0003${topics}000000020102${owned}0000000300027231`,
]

describe('a subscription', () => {
  it('is written and read in every version as the Java client does', () => {
    for (const [version, hex] of subscriptions.entries()) {
      expect(encodeSubscription(version, subscription).toString('hex')).toBe(hex)
      expect(decodeSubscription(bytes(hex))).toEqual({
        version,
        topics: ['orders'],
        userData: Buffer.from([1, 2]),
        ownedPartitions: version >= 1 ? partitions : [],
        generationId: version >= 2 ? 3 : -1,
        rackId: version >= 3 ? 'r1' : null,
      })
    }
  })

  it('is read as the newest known version when it is of a later one', () => {
    const later = bytes(`0009${subscriptions[3]?.slice(4)}aabbcc`)
    expect(decodeSubscription(later)).toEqual({ version: 9, ...subscription })
  })

  it('may have no user data', () => {
    expect(decodeSubscription(bytes(`0000${topics}ffffffff`)).userData).toBeNull()
    expect(encodeSubscription(0, { topics: ['orders'] }).toString('hex')).toBe(
      `0000${topics}ffffffff`,
    )
  })

  it('may end before the fields that its version added, as kafkajs writes it', () => {
    const kafkajs = bytes(`0001${'00000001'}0009${'74657374746f706963'}00000000`)
    expect(decodeSubscription(kafkajs)).toEqual({
      version: 1,
      topics: ['testtopic'],
      userData: Buffer.alloc(0),
      ownedPartitions: [],
      generationId: -1,
      rackId: null,
    })
    expect(decodeSubscription(bytes(`0003${subscriptions[1]?.slice(4)}`))).toMatchObject({
      version: 3,
      ownedPartitions: partitions,
      generationId: -1,
    })
  })

  it('is refused when it ends within a field, or its version is negative', () => {
    const whole = bytes(subscriptions[3] ?? '')
    const ends = subscriptions.map(hex => hex.length / 2)
    for (let length = 0; length < whole.length; length++) {
      if (ends.includes(length)) continue
      expect(() => decodeSubscription(whole.subarray(0, length))).toThrow(WireError)
    }
    expect(() => decodeSubscription(bytes(`ffff${topics}00000000`))).toThrow(WireError)
    expect(() => decodeSubscription(bytes(`0000${'7fffffff'}`))).toThrow(WireError)
  })

  it('is not written in a version that does not exist', () => {
    expect(() => encodeSubscription(4, subscription)).toThrow(WireError)
    expect(() => encodeSubscription(-1, subscription)).toThrow(WireError)
  })
})

describe('an assignment', () => {
  it('is written and read in every version as the Java client does', () => {
    for (let version = 0; version <= 3; version++) {
      const hex = `000${version}${owned}ffffffff`
      const assignment = { assignedPartitions: partitions, userData: null }
      expect(encodeAssignment(version, assignment).toString('hex')).toBe(hex)
      expect(decodeAssignment(bytes(hex))).toEqual({ version, ...assignment })
    }
  })

  it('is read as the newest known version when it is of a later one', () => {
    const later = bytes(`7fff${owned}${'00000001'}05${'aabb'}`)
    expect(decodeAssignment(later)).toEqual({
      version: 0x7fff,
      assignedPartitions: partitions,
      userData: Buffer.from([5]),
    })
  })

  it('is refused when it is cut short, or its version is negative', () => {
    const whole = bytes(`0000${owned}ffffffff`)
    for (let length = 0; length < whole.length; length++) {
      expect(() => decodeAssignment(whole.subarray(0, length))).toThrow(WireError)
    }
    expect(() => decodeAssignment(bytes('800000000000ffffffff'))).toThrow(WireError)
  })
})
