import { describe, expect, it } from 'vitest'
import { nodeCodecs } from '../../../../packages/protocol/src/node/codecs.ts'
import { buildTransactionMarker } from '../../../../packages/protocol/src/records/control-record.ts'
import { recordsIn } from '../../../../packages/protocol/src/records/records-in.ts'
import { legacyVectors, modernVectors } from '../../../support/record-vectors.ts'

const bytesOf = (name: string) =>
  Buffer.from([...legacyVectors, ...modernVectors].find(vector => vector.name === name)!.hex, 'hex')

describe('recordsIn', () => {
  const marker = buildTransactionMarker({
    type: 'COMMIT',
    producerId: 1,
    producerEpoch: 0,
    coordinatorEpoch: 0,
    timestamp: 0,
  })

  it('gives the records of all batches and passes over control batches', () => {
    const bytes = Buffer.concat([bytesOf('v2-two-batches'), marker, bytesOf('v2-none-single')])
    expect([...recordsIn(bytes, nodeCodecs())].map(record => record.offset)).toEqual([
      0, 1, 2, 3, 4, 5, 6, 0,
    ])
  })

  it('goes from old formats to the new one', () => {
    const bytes = Buffer.concat([
      bytesOf('v0-none-three'),
      bytesOf('v1-lz4-three'),
      bytesOf('v2-none-headers-deltas'),
    ])
    const offsets = [...recordsIn(bytes, nodeCodecs())].map(record => record.offset)
    expect(offsets.slice(0, 7)).toEqual([10, 11, 12, 10, 11, 12, 1000])
  })

  it('leaves out what is cut off', () => {
    for (const name of ['v1-none-three', 'v2-none-five']) {
      const bytes = bytesOf(name)
      let known = 0
      for (let length = 0; length <= bytes.length; length++) {
        const { length: count } = [...recordsIn(bytes.subarray(0, length), nodeCodecs())]
        expect(count).toBeGreaterThanOrEqual(known)
        known = count
      }
      expect(known).toBeGreaterThan(2)
    }
  })
})
