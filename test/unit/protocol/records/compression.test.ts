import { describe, expect, it } from 'vitest'
import {
  CompressionError,
  compressionTypes,
} from '../../../../packages/protocol/src/records/compression.ts'

describe('compressionTypes', () => {
  it('has the codecs at the numbers that the attributes of a batch use', () => {
    expect(compressionTypes).toEqual(['none', 'gzip', 'snappy', 'lz4', 'zstd'])
  })
})

describe('CompressionError', () => {
  it('has a code for programs, a problem to tell apart, and the cause', () => {
    const cause = new Error('inner')
    const error = new CompressionError('corrupt', 'It is broken', { cause })
    expect([error.code, error.problem, error.cause, error.name]).toEqual([
      'COMPRESSION',
      'corrupt',
      cause,
      'CompressionError',
    ])
  })
})
