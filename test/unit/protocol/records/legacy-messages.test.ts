import { describe, expect, it } from 'vitest'
import { nodeCodecs } from '../../../../packages/protocol/src/node/codecs.ts'
import { CorruptRecordsError } from '../../../../packages/protocol/src/records/corrupt-records-error.ts'
import { readLegacyEntry } from '../../../../packages/protocol/src/records/legacy-messages.ts'
import { goldenBytes, legacyVectors } from '../../../support/record-vectors.ts'

function readAll(bytes: Buffer, prefer: 'native' | 'portable') {
  const records = []
  const ends = []
  for (let position = 0; position < bytes.length; ) {
    const entry = readLegacyEntry(bytes, position, nodeCodecs({ prefer }), 1_000_000)!
    records.push(...entry.records)
    ends.push(entry.endPosition - position)
    position = entry.endPosition
  }
  return { records, sizes: ends }
}

describe('readLegacyEntry', () => {
  for (const prefer of ['native', 'portable'] as const) {
    for (const vector of legacyVectors) {
      it(`reads ${vector.name} with ${prefer} codecs as Kafka does`, () => {
        const { records, sizes } = readAll(Buffer.from(vector.hex, 'hex'), prefer)
        expect(sizes).toEqual(vector.batches.map(batch => batch.sizeInBytes))
        const expected = vector.batches.flatMap(batch => batch.records)
        expect(
          records.map(({ offset, timestamp, key, value, headers }) => ({
            offset,
            timestamp,
            key,
            value,
            headers,
          })),
        ).toEqual(
          expected.map(record => ({
            offset: record.offset,
            timestamp: record.timestamp,
            key: goldenBytes(record.key),
            value: goldenBytes(record.value),
            headers: [],
          })),
        )
      })
    }
  }

  it('notices a flipped bit by the checksum', () => {
    for (const vector of legacyVectors) {
      const bytes = Buffer.from(vector.hex, 'hex')
      bytes[30]! ^= 4
      expect(() => readLegacyEntry(bytes, 0, nodeCodecs(), 1_000_000)).toThrow(CorruptRecordsError)
    }
  })

  it('says nothing about an entry that is cut off', () => {
    const bytes = Buffer.from(legacyVectors[0]!.hex, 'hex')
    expect(readLegacyEntry(bytes.subarray(0, 11), 0, undefined, 0)).toBeUndefined()
    expect(readLegacyEntry(bytes.subarray(0, 40), 0, undefined, 0)).toBeUndefined()
  })
})
