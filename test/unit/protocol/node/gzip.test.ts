import { describe, expect, it } from 'vitest'
import { compressGzip, decompressGzip } from '../../../../packages/protocol/src/node/gzip.ts'

describe('gzip', () => {
  it('gives an output of exactly the limit, and no byte more', () => {
    for (const size of [1, 2, 100_000]) {
      const compressed = compressGzip(Buffer.alloc(size))
      expect(decompressGzip(compressed, size).length).toBe(size)
      expect(() => decompressGzip(compressed, size - 1)).toThrow(`more than ${size - 1} bytes`)
    }
  })

  it('gives nothing for nothing', () => {
    expect(decompressGzip(compressGzip(Buffer.alloc(0)), 0).length).toBe(0)
  })
})
