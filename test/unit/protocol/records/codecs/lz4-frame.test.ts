import { describe, expect, it } from 'vitest'
import {
  compressLz4Frame,
  decompressLz4Frame,
  portableLz4Blocks,
  withRightHeaderChecksum,
} from '../../../../../packages/protocol/src/records/codecs/lz4-frame.ts'
import { xxhash32 } from '../../../../../packages/protocol/src/records/codecs/xxhash32.ts'

const blocks = portableLz4Blocks()
const read = (bytes: Uint8Array) => decompressLz4Frame(bytes, blocks, 1_000_000).toString()

/** Written by the lz4 command 1.9.4 with the given flags, from 'abcd' x 20 and a newline: 81 bytes. */
function frame(flags: number, parts: readonly Buffer[], contentSize?: number): Buffer {
  const descriptor = Buffer.alloc(contentSize === undefined ? 2 : 10)
  descriptor[0] = flags
  descriptor[1] = 0x40
  if (contentSize !== undefined) descriptor.writeUInt32LE(contentSize, 2)
  const checksum = (xxhash32(descriptor) >>> 8) & 0xff
  return Buffer.concat([
    Buffer.from('04224d18', 'hex'),
    descriptor,
    Buffer.from([checksum]),
    ...parts,
  ])
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value >>> 0)
  return bytes
}

function stored(text: string): Buffer {
  return Buffer.concat([uint32(text.length + 0x8000_0000), Buffer.from(text)])
}

/** A match of 4 bytes at `offset`, then the literal text. */
function matchThen(offset: number, text: string): Buffer {
  const block = Buffer.concat([Buffer.from([0x00, offset, 0, text.length << 4]), Buffer.from(text)])
  return Buffer.concat([uint32(block.length), block])
}

const END = uint32(0)

describe('the LZ4 frame', () => {
  it('begins as the ones that Kafka writes', () => {
    const written = compressLz4Frame(Buffer.from('hello'), blocks)
    expect(written.subarray(0, 7).toString('hex')).toBe('04224d18604082')
    expect(written.subarray(-4)).toEqual(END)
  })

  it('reads linked blocks, whose matches reach into the block before', () => {
    expect(read(frame(0x40, [stored('abcdefgh'), matchThen(8, 'xyz'), END]))).toBe(
      'abcdefghabcdxyz',
    )
  })

  it('refuses a match that leaves an independent block', () => {
    expect(() => read(frame(0x60, [stored('abcdefgh'), matchThen(8, 'xyz'), END]))).toThrow(
      'malformed',
    )
  })

  it('refuses a match before the beginning of a linked frame', () => {
    expect(() => read(frame(0x40, [stored('abcdefgh'), matchThen(9, 'xyz'), END]))).toThrow(
      'malformed',
    )
  })

  it('reads and checks the checksums of blocks and content', () => {
    const block = stored('abcdefgh')
    const right = uint32(xxhash32(Buffer.from('abcdefgh')))
    expect(read(frame(0x74, [block, right, END, right]))).toBe('abcdefgh')
    expect(() => read(frame(0x74, [block, uint32(1), END, right]))).toThrow('checksum of a block')
    expect(() => read(frame(0x74, [block, right, END, uint32(1)]))).toThrow(
      'checksum of the content',
    )
  })

  it('passes over a content size', () => {
    expect(read(frame(0x68, [stored('abcdefgh'), END], 8))).toBe('abcdefgh')
  })

  it('stops at the first end mark', () => {
    expect(read(frame(0x60, [stored('ab'), END, stored('cd'), END]))).toBe('ab')
  })

  it('refuses other versions, dictionaries, reserved bits and block sizes', () => {
    for (const flags of [0x20, 0xa0, 0x61, 0x62]) {
      expect(() => read(frame(flags, [stored('ab'), END]))).toThrow('unknown flags')
    }
    const bytes = frame(0x60, [stored('ab'), END])
    bytes[5] = 0x30
    expect(() => read(bytes)).toThrow('unknown block size')
  })

  it('refuses a block that is larger than the header allows', () => {
    const text = 'a'.repeat(65_537)
    expect(() => read(frame(0x60, [stored(text), END]))).toThrow('malformed')
  })

  it('refuses a frame without its end mark', () => {
    expect(() => read(frame(0x60, [stored('ab')]))).toThrow('cut off')
  })

  it('mends the header checksum that message format 0 has', () => {
    const bytes = compressLz4Frame(Buffer.from('hello'), blocks)
    bytes[6] = 0x1a
    expect(() => read(bytes)).toThrow('checksum of the header')
    expect(read(withRightHeaderChecksum(bytes))).toBe('hello')
  })
})
