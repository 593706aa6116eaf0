import { Buffer } from 'node:buffer'
import {
  type AnyMessage,
  compiledCodec,
  Reader,
  WireError,
  Writer,
  walkingCodec,
} from '@varve/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { messagesByName } from '../../scripts/protocol/messages.ts'
import { messageValues } from '../support/generate-message.ts'
import { weightOf } from '../support/weight.ts'

const everyVersion = [...messagesByName.values()].flatMap(message => {
  const [first, last] = message.versions
  return Array.from({ length: last - first + 1 }, (_, index) => ({
    message,
    version: first + index,
  }))
})

const codecsOf = (message: AnyMessage, version: number) => {
  const layout = message.layout(version)
  const compiled = compiledCodec(layout)
  if (compiled === undefined) throw new Error('code generation is switched off')
  return { compiled, walking: walkingCodec(layout) }
}

type Codec = ReturnType<typeof codecsOf>['walking']

const encode = (codec: Codec, value: unknown): Buffer => {
  const writer = new Writer()
  codec.write(writer, value)
  return Buffer.concat(writer.finish())
}

/** What reading gives: the value, or that the bytes were refused. Any other error is not caught. */
const decode = (codec: Codec, bytes: Uint8Array): unknown => {
  try {
    return { value: codec.read(new Reader(bytes)) }
  } catch (error) {
    if (error instanceof WireError) return 'refused'
    throw error
  }
}

describe('a message in every version', () => {
  it('comes back as it was written, with both codecs alike', () => {
    for (const { message, version } of everyVersion) {
      const { compiled, walking } = codecsOf(message, version)
      const law = fc.property(messageValues(message, version), value => {
        const bytes = encode(compiled, value)
        expect(encode(walking, value).equals(bytes)).toBe(true)
        const reader = new Reader(bytes)
        expect(compiled.read(reader)).toEqual(value)
        expect(reader.remaining).toBe(0)
        expect(walking.read(new Reader(bytes))).toEqual(value)
      })
      fc.assert(law, { numRuns: 8 })
    }
  })

  it('takes no byte fewer than it says it needs at least', () => {
    for (const { message, version } of everyVersion) {
      const layout = message.layout(version)
      const bytes = encode(walkingCodec(layout), message.empty())
      expect(bytes.length).toBeGreaterThanOrEqual(layout.minBytes)
    }
  })
})

describe('reading bytes from anywhere', () => {
  it('gives a value or a WireError when a message is cut short', () => {
    for (const { message, version } of everyVersion) {
      const { compiled, walking } = codecsOf(message, version)
      const law = fc.property(messageValues(message, version), fc.nat(), (value, seed) => {
        const bytes = encode(compiled, value)
        const cut = bytes.subarray(0, bytes.length === 0 ? 0 : seed % bytes.length)
        const outcome = decode(compiled, cut)
        expect(outcome).toEqual(decode(walking, cut))
        if (cut.length < bytes.length) expect(outcome).toBe('refused')
      })
      fc.assert(law, { numRuns: 8 })
    }
  })

  it('gives a value no heavier than the bytes, or a WireError, when bytes are changed', () => {
    for (const { message, version } of everyVersion) {
      const { compiled, walking } = codecsOf(message, version)
      const empty = weightOf(message.empty())
      const change = fc.array(fc.tuple(fc.nat(), fc.oneof(extremeBytes, fc.nat(255))), {
        minLength: 1,
        maxLength: 4,
      })
      const law = fc.property(messageValues(message, version), change, (value, changes) => {
        const bytes = encode(compiled, value)
        if (bytes.length === 0) return
        for (const [seed, byte] of changes) bytes[seed % bytes.length] = byte
        const outcome = decode(compiled, bytes)
        expect(outcome).toEqual(decode(walking, bytes))
        expect(weightOf(outcome)).toBeLessThan(10 + empty + 32 * bytes.length)
      })
      fc.assert(law, { numRuns: 8 })
    }
  })

  it('gives a value no heavier than the bytes, or a WireError, for noise', () => {
    for (const { message, version } of everyVersion) {
      const { compiled, walking } = codecsOf(message, version)
      const empty = weightOf(message.empty())
      const noise = fc.array(fc.oneof(extremeBytes, fc.nat(255)), { maxLength: 64 })
      const law = fc.property(noise, numbers => {
        const bytes = Buffer.from(numbers)
        const outcome = decode(compiled, bytes)
        expect(outcome).toEqual(decode(walking, bytes))
        expect(weightOf(outcome)).toBeLessThan(10 + empty + 32 * bytes.length)
      })
      fc.assert(law, { numRuns: 12 })
    }
  })
})

/** The bytes of which lengths are made that no one should believe. */
const extremeBytes = fc.constantFrom(0x00, 0x01, 0x7f, 0x80, 0xff)
