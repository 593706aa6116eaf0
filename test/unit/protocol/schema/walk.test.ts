import { Buffer } from 'node:buffer'
import {
  array,
  bytes,
  int32,
  message,
  nullableArray,
  nullableStruct,
  Reader,
  string,
  UnsupportedFieldError,
  WireError,
  Writer,
  walkingCodec,
} from '@varve/protocol'
import { describe, expect, it } from 'vitest'

const Example = message({
  name: 'Example',
  versions: [0, 1],
  flexible: 1,
  fields: {
    name: string,
    blob: bytes,
    ids: nullableArray(int32),
    parts: array({ index: int32 }),
    cursor: nullableStruct({ at: int32 }).since(1).tagged(0).orElse(null),
  },
})
const value = {
  name: 'a',
  blob: Buffer.from([1]),
  ids: null,
  parts: [{ index: 1 }],
  cursor: { at: 5 },
}

describe('the walking codec', () => {
  it('writes a nullable struct in a tagged field with its presence byte, as Kafka does', () => {
    const writer = new Writer()
    walkingCodec(Example.layout(1)).write(writer, value)
    const bytesWritten = Buffer.concat(writer.finish())
    expect(bytesWritten.toString('hex')).toBe(
      '0261' + '0201' + '00' + '020000000100' + '010006010000000500',
    )
    expect(walkingCodec(Example.layout(1)).read(new Reader(bytesWritten))).toEqual(value)
  })

  it('refuses what the version cannot say', () => {
    const codec = walkingCodec(Example.layout(0))
    expect(() => codec.write(new Writer(), value)).toThrow(UnsupportedFieldError)
    const wrong = { ...value, cursor: null, parts: null }
    expect(() => codec.write(new Writer(), wrong)).toThrow(WireError)
  })
})
