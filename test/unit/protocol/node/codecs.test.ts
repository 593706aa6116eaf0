import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { nodeCodecs } from '../../../../packages/protocol/src/node/codecs.ts'
import {
  type Codec,
  CompressionError,
} from '../../../../packages/protocol/src/records/compression.ts'

const codecNames: readonly Codec[] = ['gzip', 'snappy', 'lz4', 'zstd']
const native = nodeCodecs()
const portable = nodeCodecs({ prefer: 'portable' })
const raw = nodeCodecs({ snappyFraming: 'raw' })
const portableRaw = nodeCodecs({ prefer: 'portable', snappyFraming: 'raw' })
const all = { native, portable, raw, portableRaw }

function noise(size: number): Buffer {
  const bytes = Buffer.alloc(size)
  let state = size + 1
  for (let index = 0; index < size; index++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    bytes[index] = state >>> 24
  }
  return bytes
}

const text = Buffer.from(
  Array.from({ length: 6000 }, (_, index) =>
    JSON.stringify({ id: index, name: `user-${index % 97}`, total: index * 7 }),
  ).join(),
)
const samples: Readonly<Record<string, Buffer>> = {
  nothing: Buffer.alloc(0),
  'one byte': Buffer.from([7]),
  'twelve bytes': Buffer.alloc(12, 1),
  'thirteen equal bytes': Buffer.alloc(13, 1),
  text,
  'a view at an odd place': text.subarray(33, 70_001),
  zeros: Buffer.alloc(300_000),
  noise: noise(150_000),
  'exactly one LZ4 block': text.subarray(0, 65_536),
  'one byte more than an LZ4 block': text.subarray(0, 65_537),
  'noise, then zeros, then text': Buffer.concat([noise(40_000), Buffer.alloc(70_000), text]),
}

function problemOf(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    if (error instanceof CompressionError) return error.problem
    throw error
  }
  return 'none'
}

describe('nodeCodecs', () => {
  it('says what each codec is made of', () => {
    expect(codecNames.map(codec => portable.source(codec))).toEqual([
      'built in',
      'portable',
      'portable',
      'portable',
    ])
    expect([native.source('snappy'), native.source('lz4')]).toEqual(['native', 'native'])
  })

  for (const codec of codecNames) {
    for (const [title, bytes] of Object.entries(samples)) {
      it(`reads with either what either wrote: ${codec}, ${title}`, () => {
        for (const writer of Object.values(all)) {
          const compressed = writer.compress(codec, bytes)
          for (const reader of [native, portable]) {
            expect(bytes.equals(reader.decompress(codec, compressed, bytes.length))).toBe(true)
          }
        }
      })
    }

    it(`makes text smaller: ${codec}`, () => {
      for (const writer of Object.values(all))
        expect(writer.compress(codec, text).length).toBeLessThan(text.length / 2)
    })

    it(`stops one byte before the end of what is allowed: ${codec}`, () => {
      for (const reader of [native, portable]) {
        for (const bytes of [text, samples['zeros']!, samples['noise']!]) {
          const compressed = native.compress(codec, bytes)
          expect(problemOf(() => reader.decompress(codec, compressed, bytes.length - 1))).toBe(
            'too large',
          )
          expect(problemOf(() => reader.decompress(codec, compressed, 0))).toBe('too large')
        }
      }
    })

    it(`throws nothing but its own error for damaged bytes: ${codec}`, () => {
      const bytes = text.subarray(0, 2000)
      for (const [writer, reader] of [
        [native, native],
        [portable, portable],
        [portableRaw, portable],
        [raw, native],
      ] as const) {
        const compressed = writer.compress(codec, bytes)
        for (let length = 0; length < compressed.length; length += 3) {
          expect(['corrupt', 'none']).toContain(
            problemOf(() => reader.decompress(codec, compressed.subarray(0, length), 10_000)),
          )
        }
        for (let at = 0; at < compressed.length; at++) {
          for (const flip of [0x01, 0x80, 0xff]) {
            const damaged = Uint8Array.from(compressed)
            damaged[at]! ^= flip
            expect(['corrupt', 'none', 'too large']).toContain(
              problemOf(() => reader.decompress(codec, damaged, 10_000)),
            )
          }
        }
      }
    })

    it(`calls noise corrupt: ${codec}`, () => {
      for (const reader of [native, portable]) {
        for (let size = 0; size < 60; size++) {
          expect(problemOf(() => reader.decompress(codec, noise(size), 10_000_000))).toBe('corrupt')
        }
      }
    })
  }

  it('stops a bomb of each codec', () => {
    const bomb = Buffer.alloc(64 * 1024 * 1024)
    for (const codec of codecNames) {
      const compressed = native.compress(codec, bomb)
      for (const reader of [native, portable]) {
        expect(problemOf(() => reader.decompress(codec, compressed, 1_000_000))).toBe('too large')
      }
    }
  })

  it('uses the level it is given', () => {
    for (const codec of ['gzip', 'zstd'] as const) {
      expect(native.compress(codec, text, 9).length).toBeLessThan(
        native.compress(codec, text, 1).length,
      )
    }
  })

  it('reads gzip of several members, as RFC 1952 allows', () => {
    const two = Buffer.concat([gzipSync('one '), gzipSync('two')])
    expect(Buffer.from(native.decompress('gzip', two, 100)).toString()).toBe('one two')
  })
})
