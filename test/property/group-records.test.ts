import { Buffer } from 'node:buffer'
import {
  decodeAssignment,
  decodeGroupRecord,
  decodeSubscription,
  encodeGroupRecord,
  type GroupRecordInput,
  groupRecords,
  Reader,
  WireError,
} from '@varve/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { messageValues } from '../support/generate-message.ts'

/** Records as the tables of the version that is written can carry them, tombstones among them. */
const recordsOf = (name: keyof typeof groupRecords): fc.Arbitrary<GroupRecordInput> => {
  const { key, value, valueVersion } = groupRecords[name]
  return fc
    .tuple(messageValues(key, 0), fc.option(messageValues(value, valueVersion)))
    .map(([key, value]) => ({ type: name, key, value }) as GroupRecordInput)
}

const names = Object.keys(groupRecords) as (keyof typeof groupRecords)[]

/** Any other error than a `WireError` is not caught. */
const refusedOr = (read: () => unknown): unknown => {
  try {
    return read()
  } catch (error) {
    if (error instanceof WireError) return 'refused'
    throw error
  }
}

describe('a record of __consumer_offsets', () => {
  it('comes back as it was written, whatever its kind', () => {
    for (const name of names) {
      const law = fc.property(recordsOf(name), record => {
        const { key, value } = encodeGroupRecord(record)
        expect(decodeGroupRecord(key, value)).toEqual(record)
        expect(new Reader(key).int16()).toBe(groupRecords[name].key.key)
      })
      fc.assert(law, { numRuns: 20 })
    }
  })

  it('gives a value, something unknown, or a WireError for bytes from anywhere', () => {
    const bytes = fc.uint8Array({ maxLength: 60 }).map(given => Buffer.from(given))
    const kinds = fc.integer({ min: 0, max: 24 }).map(kind => Buffer.from([0, kind]))
    const law = fc.property(kinds, bytes, fc.option(bytes), (kind, key, value) => {
      refusedOr(() => decodeGroupRecord(Buffer.concat([kind, key]), value))
    })
    fc.assert(law, { numRuns: 500 })
  })
})

describe('a blob of a classic consumer', () => {
  it('gives a value or a WireError for bytes from anywhere', () => {
    const law = fc.property(fc.uint8Array({ maxLength: 60 }), given => {
      refusedOr(() => decodeSubscription(given))
      refusedOr(() => decodeAssignment(given))
    })
    fc.assert(law, { numRuns: 500 })
  })
})
