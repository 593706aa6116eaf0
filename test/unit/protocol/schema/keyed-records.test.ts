import { Buffer } from 'node:buffer'
import { int32, KeyedRecordCodec, message, string, WireError } from '@varve/protocol'
import { describe, expect, it } from 'vitest'

const both = { versions: [0, 0], flexible: undefined } as const
const TownKey = message({ ...both, key: 3, name: 'TownKey', fields: { name: string } })
const TownValue = message({
  key: 3,
  name: 'TownValue',
  versions: [0, 2],
  flexible: undefined,
  fields: { people: int32, trees: int32.since(2).ignorable() },
})
const RiverKey = message({ ...both, key: 7, name: 'RiverKey', fields: { name: string } })
const RiverValue = message({ ...both, key: 7, name: 'RiverValue', fields: { metres: int32 } })

const codec = new KeyedRecordCodec({
  Town: { key: TownKey, value: TownValue, valueVersion: 2 },
  River: { key: RiverKey, value: RiverValue, valueVersion: 0 },
})
const hex = (bytes: Buffer | null): string | undefined => bytes?.toString('hex')

describe('the records of a coordinator', () => {
  it('have the number of their kind before the key, and their version before the value', () => {
    const { key, value } = codec.encode({
      type: 'Town',
      key: { name: 'ab' },
      value: { people: 1, trees: 2 },
    })
    expect([hex(key), hex(value)]).toEqual(['000300026162', '00020000000100000002'])
    expect(codec.decode(key, value)).toEqual({
      type: 'Town',
      key: { name: 'ab' },
      value: { people: 1, trees: 2 },
    })
  })

  it('can be written in an older version', () => {
    const town = { type: 'Town', key: { name: 'ab' }, value: { people: 1, trees: 2 } } as const
    const { key, value } = codec.encode(town, 1)
    expect(hex(value)).toBe('000100000001')
    expect(codec.decode(key, value)).toMatchObject({ value: { people: 1, trees: 0 } })
  })

  it('say with a null value that what the key names is gone', () => {
    const { key, value } = codec.encode({ type: 'River', key: { name: 'Po' }, value: null })
    expect(value).toBeNull()
    expect(codec.decode(key, null)).toEqual({ type: 'River', key: { name: 'Po' }, value: null })
  })

  it('of an unknown kind are named so, and nothing more of them is read', () => {
    expect(codec.decode(Buffer.from('0009ff', 'hex'), Buffer.from('ff', 'hex'))).toEqual({
      type: 'unknown',
      keyVersion: 9,
    })
  })

  it('are refused without a key, in an unknown version and when they are cut off', () => {
    const { key, value } = codec.encode({
      type: 'River',
      key: { name: 'Po' },
      value: { metres: 1 },
    })
    expect(() => codec.decode(null, value)).toThrow(WireError)
    expect(() => codec.decode(Buffer.alloc(1), value)).toThrow(WireError)
    expect(() => codec.decode(key.subarray(0, 4), value)).toThrow(WireError)
    expect(() => codec.decode(key, value?.subarray(0, 4) ?? null)).toThrow(WireError)
    expect(() => codec.decode(key, Buffer.from('000100000001', 'hex'))).toThrow(WireError)
  })
})
