import { describe, expect, it } from 'vitest'
import {
  builtInZstd,
  declaredContentBytes,
  portableZstd,
} from '../../../../packages/protocol/src/node/zstd.ts'
import { modernVectors } from '../../../support/record-vectors.ts'

const sources = [portableZstd(), builtInZstd()].filter(source => source !== undefined)

describe('zstd', () => {
  for (const zstd of sources) {
    it(`reads frames one behind the other, ${zstd.source}`, () => {
      const two = Buffer.concat([
        zstd.compress(Buffer.from('one '), 3),
        zstd.compress(Buffer.from('two'), 3),
      ])
      expect(Buffer.from(zstd.decompress(two, 100)).toString()).toBe('one two')
    })

    it(`does not believe a size that the frame declares, ${zstd.source}`, () => {
      const bytes = Buffer.from(zstd.compress(Buffer.alloc(200_000), 3))
      const declared = declaredContentBytes(bytes)
      expect(declared).toBe(200_000)
      const at = bytes.indexOf(Buffer.from([0x40, 0x0d, 0x03, 0x00]))
      bytes.writeUInt32LE(0x7fff_ffff, at)
      expect(() => zstd.decompress(bytes, 1_000_000)).toThrow(/more than|cannot be read/)
      bytes.writeUInt32LE(100, at)
      expect(() => zstd.decompress(bytes, 1_000_000)).toThrow(/more than|cannot be read/)
    })

    it(`gives room to an output of unknown size step by step, ${zstd.source}`, () => {
      const { hex } = modernVectors.find(vector => vector.name === 'v2-zstd-150k')!
      const frame = Buffer.from(hex, 'hex').subarray(61)
      expect(declaredContentBytes(frame)).toBeUndefined()
      expect(zstd.decompress(frame, 1_000_000).length).toBeGreaterThan(150_000)
      expect(() => zstd.decompress(frame, 150_000)).toThrow('more than 150000 bytes')
    })
  }
})

describe('declaredContentBytes', () => {
  it('reads every width of the field', () => {
    const zstd = portableZstd()
    for (const size of [0, 1, 255, 256, 257, 65_791, 65_792, 70_000]) {
      expect(declaredContentBytes(zstd.compress(Buffer.alloc(size), 1))).toBe(size)
    }
    const eight = Buffer.from('28b52ffde00000000001000000', 'hex')
    expect(declaredContentBytes(eight)).toBe(2 ** 32)
  })

  it('knows nothing of what is no frame, or cut off', () => {
    expect(declaredContentBytes(Buffer.alloc(20))).toBeUndefined()
    expect(declaredContentBytes(Buffer.from('28b52ffde0000000', 'hex'))).toBeUndefined()
  })
})
