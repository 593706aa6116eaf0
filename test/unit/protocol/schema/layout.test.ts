import {
  array,
  int32,
  int64,
  message,
  nullableString,
  standInOf,
  string,
  struct,
} from '@varve/protocol'
import { describe, expect, it } from 'vitest'

const Example = message({
  name: 'Example',
  versions: [0, 3],
  flexible: 2,
  fields: {
    second: int32.since(2).tagged(1),
    first: int64.since(3).tagged(0),
    name: string.classic(),
    note: nullableString.since(1),
    old: int32.until(1),
    parts: array({ index: int32, name: string }),
    leader: struct({ id: int32.orElse(-1) }).since(2),
  },
})
const names = (fields: readonly { readonly name: string }[]): string[] =>
  fields.map(({ name }) => name)

describe('the layout of a table in one version', () => {
  it('has the fields of that version in the order of the table, tagged ones by tag', () => {
    expect(names(Example.layout(0).plain)).toEqual(['name', 'old', 'parts'])
    expect(names(Example.layout(0).absent)).toEqual(['second', 'first', 'note', 'leader'])
    expect(names(Example.layout(3).plain)).toEqual(['name', 'note', 'parts', 'leader'])
    expect(names(Example.layout(3).tagged)).toEqual(['first', 'second'])
    expect(names(Example.layout(2).tagged)).toEqual(['second'])
  })

  it('knows the fewest bytes that a struct takes', () => {
    expect(Example.layout(0).minBytes).toBe(2 + 4 + 4)
    expect(Example.layout(2).minBytes).toBe(2 + 1 + 1 + 4 + 1 + 1)
    const parts = Example.layout(2).plain.find(({ name }) => name === 'parts')
    expect(parts?.value).toMatchObject({ kind: 'array', element: { minBytes: 4 + 1 + 1 } })
  })

  it('keeps the classic length of a field that says so', () => {
    const [name, note] = Example.layout(2).plain
    expect([name?.value, note?.value]).toMatchObject([{ compact: false }, { compact: true }])
  })

  it('makes a fresh stand-in for each field', () => {
    const standIns = Object.fromEntries(
      Example.layout(0).fields.map(field => [field.name, standInOf(field)]),
    )
    expect(standIns).toEqual(Example.empty())
    expect(standIns['leader']).toEqual({ id: -1 })
  })
})
