import { describe, expect, it } from 'vitest'
import { difference } from '../../interop/compare.ts'

const written = [
  { key: 'a', value: '1' },
  { key: 'b', value: '2' },
  { key: 'a', value: '3' },
]
const at = (partition: number, offset: number, key: string, value: string) => ({
  topic: 't',
  partition,
  offset,
  key,
  value,
})
const read = [at(0, 0, 'a', '1'), at(1, 0, 'b', '2'), at(0, 1, 'a', '3')]

describe('the comparison of what was read with what was written', () => {
  it('finds no difference, whichever partition came first', () => {
    expect(difference(written, read)).toBeUndefined()
    expect(difference(written, [read[1]!, read[0]!, read[2]!])).toBeUndefined()
  })

  it.each([
    ['a lost record', read.slice(1), '2 records were read'],
    ['a record twice', [...read, read[2]!], '4 records were read'],
    ['a record in place of another', [read[0]!, at(1, 0, 'b', '9'), read[2]!], 'offset 0'],
    [
      'two records in the wrong order',
      [at(0, 0, 'a', '3'), read[1]!, at(0, 1, 'a', '1')],
      'offset 0',
    ],
    ['a gap in the offsets', [read[0]!, read[1]!, at(0, 2, 'a', '3')], 'offset 1'],
    ['a key in two partitions', [read[0]!, read[1]!, at(1, 1, 'a', '3')], 'the key a'],
  ])('finds %s', (_, wrong, words) => {
    expect(difference(written, wrong)).toContain(words)
  })
})
