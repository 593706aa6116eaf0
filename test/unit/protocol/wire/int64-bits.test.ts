import { expect, it } from 'vitest'
import { bitsOf, isBits, ZERO_BITS } from '../../../../packages/protocol/src/wire/int64-bits.ts'

it('says 64 bits in sixteen digits, however many of them are set', () => {
  expect(bitsOf(0, 0)).toBe(ZERO_BITS)
  expect(bitsOf(1, 0xffff_ffff)).toBe('00000001ffffffff')
  expect(bitsOf(-1, 0x1_0000_0002)).toBe('ffffffff00000002')
})

it('knows such digits from other text', () => {
  expect(isBits('0123456789abcdef')).toBe(true)
  for (const none of [
    '',
    '0123456789ABCDEF',
    '0123456789abcde',
    '0123456789abcdef0',
    '0x23456789abcdef',
  ])
    expect(isBits(none)).toBe(false)
})
