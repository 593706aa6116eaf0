import { describe, expect, it } from 'vitest'
import {
  acceleratedCrc32c,
  crc32c,
  loadNative,
  NATIVE_CRC_MIN_BYTES,
} from '../../../../packages/protocol/src/node/crc32c.ts'
import { portableCrc32c } from '../../../../packages/protocol/src/wire/crc32c.ts'
import { golden } from '../../../support/record-vectors.ts'

describe('crc32c', () => {
  const withoutNative = acceleratedCrc32c(() => undefined)
  const nativeOnly = loadNative()

  it('has its native part where the tests run', () => {
    expect(nativeOnly).toBeDefined()
  })

  for (const [name, compute] of Object.entries({ portableCrc32c, crc32c, withoutNative })) {
    it(`gives the known checksums by ${name}`, () => {
      for (const { utf8, crc32c: expected } of golden.crc32c) {
        const bytes = Buffer.from(`xx${utf8}yy`)
        expect(
          compute(bytes, 2, bytes.length - 2)
            .toString(16)
            .padStart(8, '0'),
        ).toBe(expected)
      }
    })
  }

  it('gives the same by both ways at every size around the threshold and beyond', () => {
    const bytes = Buffer.alloc(200_000)
    let state = 12345
    for (let index = 0; index < bytes.length; index++) {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0
      bytes[index] = state >>> 16
    }
    const sizes = [
      0,
      1,
      15,
      16,
      17,
      NATIVE_CRC_MIN_BYTES - 1,
      NATIVE_CRC_MIN_BYTES,
      NATIVE_CRC_MIN_BYTES + 1,
      4096,
      65_537,
      199_990,
    ]
    for (const size of sizes) {
      for (const start of [0, 1, 9]) {
        const expected = portableCrc32c(bytes, start, start + size)
        expect(crc32c(bytes, start, start + size)).toBe(expected)
        expect(nativeOnly!(bytes.subarray(start, start + size))).toBe(expected)
        expect(withoutNative(bytes, start, start + size)).toBe(expected)
      }
    }
  })

  it('asks for the native part once, and only when something large comes', () => {
    let loads = 0
    const compute = acceleratedCrc32c(() => {
      loads++
      return undefined
    })
    compute(Buffer.alloc(NATIVE_CRC_MIN_BYTES - 1), 0, NATIVE_CRC_MIN_BYTES - 1)
    expect(loads).toBe(0)
    compute(Buffer.alloc(9999), 0, 9999)
    compute(Buffer.alloc(9999), 0, 9999)
    expect(loads).toBe(1)
  })
})
