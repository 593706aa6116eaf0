import { Buffer } from 'node:buffer'
import {
  array,
  type InputOf,
  int32,
  message,
  nullableString,
  nullableStruct,
  Reader,
  type StructOf,
  string,
  struct,
  UnsupportedFieldError,
  WireError,
  Writer,
} from '@varve/protocol'
import { describe, expect, it } from 'vitest'

const fields = {
  name: string,
  note: nullableString.since(1).orElse(null),
  hint: int32.since(1).orElse(-1).ignorable(),
  old: int32.until(0),
  parts: array({ index: int32, rack: string.since(2) }),
  leader: struct({ id: int32.orElse(-1), epoch: int32.orElse(-1) })
    .since(2)
    .tagged(0),
  cursor: nullableStruct({ at: int32 }).since(2).orElse(null),
}
const Example = message({ name: 'Example', versions: [0, 2], flexible: 2, fields })

const encode = (value: InputOf<typeof fields>, version: number): Buffer => {
  const writer = new Writer()
  Example.write(writer, value, version)
  return Buffer.concat(writer.finish())
}
const decode = (bytes: Uint8Array, version: number): StructOf<typeof fields> =>
  Example.read(new Reader(bytes), version)

describe('a message', () => {
  it('reads fields that the version lacks as their stand-ins', () => {
    expect(decode(encode({ name: 'a', old: 5, parts: [{ index: 1 }] }, 0), 0)).toEqual({
      name: 'a',
      note: null,
      hint: -1,
      old: 5,
      parts: [{ index: 1, rack: '' }],
      leader: { id: -1, epoch: -1 },
      cursor: null,
    })
  })

  it('gives no two messages the same stand-in object', () => {
    const bytes = encode({ name: 'a', parts: [] }, 0)
    expect(decode(bytes, 0).leader).not.toBe(decode(bytes, 0).leader)
    expect(Example.empty().parts).not.toBe(Example.empty().parts)
  })

  it('refuses a meaningful value for a field that the version lacks', () => {
    expect(() => encode({ name: 'a', parts: [], note: 'x' }, 0)).toThrow(UnsupportedFieldError)
    expect(() => encode({ name: 'a', parts: [], old: 1 }, 1)).toThrow(UnsupportedFieldError)
    expect(() => encode({ name: 'a', parts: [{ index: 1, rack: 'r' }] }, 1)).toThrow(/rack/)
    expect(() => encode({ name: 'a', parts: [], leader: { id: 1 } }, 1)).toThrow(/leader/)
  })

  it('accepts a stand-in, or a value for an ignorable field, in any version', () => {
    const plain = encode({ name: 'a', parts: [] }, 0)
    const given = { name: 'a', parts: [], note: null, leader: { id: -1, epoch: -1 }, hint: 9 }
    expect(encode(given, 0).equals(plain)).toBe(true)
  })

  it('writes a tagged field only when it says something', () => {
    const without = encode({ name: 'a', parts: [], leader: {} }, 2)
    const leader = { id: 3, epoch: 4 }
    const withLeader = encode({ name: 'a', parts: [], leader }, 2)
    expect(withLeader.length).toBe(without.length + 11)
    expect(decode(withLeader, 2).leader).toEqual(leader)
  })

  it('passes over tagged fields that it does not know', () => {
    const known = encode({ name: 'a', parts: [], cursor: { at: 1 } }, 2)
    const unknown = Buffer.concat([known.subarray(0, -1), Buffer.from('0163020102', 'hex')])
    expect(decode(unknown, 2)).toEqual(decode(known, 2))
  })

  it('refuses a known tagged field that is not as long as it says', () => {
    const bytes = encode({ name: 'a', parts: [], leader: { id: 3, epoch: 4 } }, 2)
    const size = bytes.length - 10
    expect(bytes[size]).toBe(9)
    for (const lie of [8, 10]) {
      const lying = Buffer.concat([bytes, Buffer.alloc(4)])
      lying[size] = lie
      expect(() => decode(lying, 2)).toThrow(WireError)
    }
  })

  it('leaves bytes behind its end alone', () => {
    const bytes = Buffer.concat([encode({ name: 'a', parts: [] }, 1), Buffer.from('junk')])
    const reader = new Reader(bytes)
    Example.read(reader, 1)
    expect(reader.remaining).toBe(4)
  })

  it('refuses a null that the version does not allow', () => {
    const wrong = { name: null, parts: [] } as unknown as InputOf<typeof fields>
    expect(() => encode(wrong, 0)).toThrow(/name must not be null/)
  })

  it('refuses versions that it does not have', () => {
    expect(() => decode(Buffer.alloc(9), 3)).toThrow(WireError)
    expect(() => encode({ name: 'a', parts: [] }, -1)).toThrow(WireError)
  })
})
