import {
  array,
  type InputOf,
  int32,
  message,
  nullableArray,
  nullableString,
  type StructOf,
  string,
  struct,
} from '@varve/protocol'
import { describe, expect, expectTypeOf, it } from 'vitest'

const part = { index: int32, rack: string.since(2) }
const fields = {
  name: string,
  note: nullableString.since(1).orElse(null),
  parts: array(part),
  first: struct(part).until(1),
  ids: nullableArray(int32),
  title: string.nullableSince(2),
}

describe('a field', () => {
  it('is left as it was by what makes another of it', () => {
    const { spec } = int32
    int32.since(3).until(5).tagged(1).orElse(-1).ignorable().classic()
    expect(int32.spec).toBe(spec)
    expect(int32.since(3).until(5).tagged(1).orElse(-1).ignorable().spec).toMatchObject({
      first: 3,
      last: 5,
      tag: 1,
      absent: -1,
      ignorable: true,
    })
  })

  it('is refused by a table when its name is no plain identifier', () => {
    const table = { name: 'Bad', versions: [0, 0], flexible: undefined } as const
    for (const name of ['a, b', 'x;', '__proto__x', 'Upper', '']) {
      expect(() => message({ ...table, fields: { [name]: int32 } })).toThrow('cannot be called')
      expect(() => array({ [name]: int32 })).toThrow('cannot be called')
      expect(() => struct({ [name]: int32 })).toThrow('cannot be called')
    }
  })

  it('has the types that the table says', () => {
    type Value = StructOf<typeof fields>
    type Input = InputOf<typeof fields>
    interface Part {
      readonly index: number
      readonly rack: string
    }
    expectTypeOf<Value['note']>().toEqualTypeOf<string | null>()
    expectTypeOf<Value['title']>().toEqualTypeOf<string | null>()
    expectTypeOf<Value['parts']>().toEqualTypeOf<readonly Part[]>()
    expectTypeOf<Value['first']>().toEqualTypeOf<Part>()
    expectTypeOf<Value['ids']>().toEqualTypeOf<readonly number[] | null>()
    expectTypeOf<{ name: ''; parts: [{ index: 1 }]; ids: null; title: null }>().toExtend<Input>()
    expectTypeOf<{ name: ''; ids: null; title: null }>().not.toExtend<Input>()
    expectTypeOf<Value>().toExtend<Input>()
  })
})
