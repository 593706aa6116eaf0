import { describe, expect, it } from 'vitest'
import { printable, printableLines } from '../../../packages/admin/src/printable.ts'

describe('printable', () => {
  it('shows what would steer a terminal, and leaves all else alone', () => {
    expect(printable('\u001b[2Jgone\r\n\u009b31m\u202eback\u007f')).toBe(
      '\\u001b[2Jgone\\u000d\\u000a\\u009b31m\\u202eback\\u007f',
    )
    expect(printable('Größe 語 👍 a-b_c.d')).toBe('Größe 語 👍 a-b_c.d')
  })

  it('leaves the ends of lines alone where there may be several', () => {
    expect(printableLines('a\nb\u0007\n')).toBe('a\nb\\u0007\n')
  })

  it('leaves JSON what it is', () => {
    const data = ['\u009b', '\u2028', '\u001b']
    expect(JSON.parse(printableLines(JSON.stringify(data)))).toEqual(data)
  })
})
