import { describe, expect, it } from 'vitest'
import {
  decompressSnappyBlock,
  snappyOutputBytes,
} from '../../../../../packages/protocol/src/records/codecs/snappy-block.ts'

function read(hex: string): string | undefined {
  const source = Buffer.from(hex, 'hex')
  const size = snappyOutputBytes(source)
  if (size === undefined) return undefined
  const target = Buffer.alloc(size)
  return decompressSnappyBlock(source, target) ? target.toString() : undefined
}

describe('the raw Snappy block', () => {
  it('reads literals and the three kinds of copies', () => {
    expect(read('03086162 63'.replace(' ', ''))).toBe('abc')
    expect(read('07086162630103')).toBe('abcabca')
    expect(read('0908616263160300')).toBe('abcabcabc')
    expect(read('09086162631703000000')).toBe('abcabcabc')
    expect(read(`03f002${'616263'}`)).toBe('abc')
  })

  it('refuses what snappyjs would loop over or read beyond', () => {
    const hostile = [
      '', // nothing
      'ffffffffff01', // a length without end
      'ffffffff0f00', // 4 GiB out of six bytes
      '0308616263 00'.replace(' ', ''), // more output than declared
      '0408616263', // less output than declared
      '03fc00000080616263', // a literal of 2^31 bytes
      '03fcffffffff616263', // a literal of 2^32 bytes
      '0508616263', // a literal that is cut off
      '07086162630100', // a copy from nowhere
      '07086162630104', // a copy from before the beginning
      '090861626317030000', // a copy that is cut off
      '0908616263170300ff80', // a copy from far before
    ]
    for (const hex of hostile) expect([hex, read(hex)]).toEqual([hex, undefined])
  })
})
