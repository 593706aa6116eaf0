import { describe, expect, it } from 'vitest'
import { portableCrc32c } from '../../../../packages/protocol/src/wire/crc32c.ts'
import { golden } from '../../../support/record-vectors.ts'

describe('portableCrc32c', () => {
  it('gives the known checksums, for a part of the bytes as for the whole', () => {
    for (const { utf8, crc32c } of golden.crc32c) {
      const part = Buffer.from(`<${utf8}>>`)
      const whole = Buffer.from(utf8)
      const expected = Number.parseInt(crc32c, 16)
      expect(portableCrc32c(part, 1, part.length - 2)).toBe(expected)
      expect(portableCrc32c(whole, 0, whole.length)).toBe(expected)
    }
  })
})
