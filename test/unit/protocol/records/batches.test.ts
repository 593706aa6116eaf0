import { describe, expect, it } from 'vitest'
import { batchesOf } from '../../../../packages/protocol/src/records/batches.ts'
import { CorruptRecordsError } from '../../../../packages/protocol/src/records/corrupt-records-error.ts'
import { legacyVectors, modernVectors } from '../../../support/record-vectors.ts'

const two = Buffer.from(modernVectors.find(vector => vector.name === 'v2-two-batches')!.hex, 'hex')

describe('batchesOf', () => {
  it('gives whole batches only, wherever the bytes are cut', () => {
    const [first] = [...batchesOf(two)]
    const firstBytes = first!.sizeBytes
    for (let length = 0; length <= two.length; length++) {
      const batches = [...batchesOf(two.subarray(0, length))]
      expect(batches.length).toBe(length === two.length ? 2 : length >= firstBytes ? 1 : 0)
    }
  })

  it('finds every batch in a copy at an odd place', () => {
    const shifted = Buffer.concat([Buffer.alloc(3), two]).subarray(3)
    expect([...batchesOf(shifted)].map(batch => batch.baseOffset)).toEqual([0, 2])
  })

  it('refuses a length that no batch has', () => {
    for (const length of [-1, -2147483648, 0, 48]) {
      const bytes = Buffer.from(two)
      bytes.writeInt32BE(length, 8)
      expect(() => [...batchesOf(bytes)]).toThrow(CorruptRecordsError)
    }
  })

  it('leaves out a batch whose length runs beyond the bytes', () => {
    const bytes = Buffer.from(two)
    bytes.writeInt32BE(0x7fff_ffff, 8)
    expect([...batchesOf(bytes)]).toEqual([])
  })

  it('refuses other formats', () => {
    expect(() => [...batchesOf(Buffer.from(legacyVectors[0]!.hex, 'hex'))]).toThrow('magic 0')
  })
})
