import { describe, expect, it } from 'vitest'
import { parseProperties } from '../../../../packages/broker/src/config/properties.ts'

const entries = (text: string) => [...parseProperties(text)]

describe('a properties file', () => {
  it('has comments, blank lines and three separators', () => {
    const text = '# a comment\n! another\n\na=1\n  b : 2\nc 3\r\nd\t=\t4\re\nf='
    expect(entries(text)).toEqual([
      ['a', '1'],
      ['b', '2'],
      ['c', '3'],
      ['d', '4'],
      ['e', ''],
      ['f', ''],
    ])
  })

  it('continues a line after an odd number of backslashes, without the blanks that begin the next', () => {
    expect(entries('a=1,\\\n   2,\\\r\n\t3\nb=x\\\\\nc=y')).toEqual([
      ['a', '1,2,3'],
      ['b', 'x\\'],
      ['c', 'y'],
    ])
  })

  it('takes a hash inside a continued line for text', () => {
    expect(entries('a=1\\\n#2')).toEqual([['a', '1#2']])
  })

  it('understands escapes in keys and values', () => {
    expect(entries('a\\=b\\:c\\ d=\\t\\n\\u00e4\\q')).toEqual([['a=b:c d', '\t\n\u00e4q']])
  })

  it('keeps the last value, trailing blanks, and separators inside the value', () => {
    expect(entries('a=1\na=2=3 ')).toEqual([['a', '2=3 ']])
  })

  it('refuses a broken unicode escape', () => {
    expect(() => parseProperties('a=\\u12')).toThrow('without four hexadecimal digits')
  })
})
