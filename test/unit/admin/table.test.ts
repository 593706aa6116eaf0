import { expect, it } from 'vitest'
import { table } from '../../../packages/admin/src/table.ts'

it('table puts columns below each other, numbers to the right, and no blanks at the ends', () => {
  const rows = [
    ['orders', 3, 'x'],
    ['a', 120, ''],
  ]
  expect(table(['TOPIC', 'SIZE', 'NOTE'], rows)).toBe(
    'TOPIC   SIZE  NOTE\norders     3  x\na        120\n',
  )
})

it('table shows what would steer a terminal or break a line', () => {
  expect(table(['GROUP', 'N'], [['a\n\u001b[2J', 1]])).toBe(
    'GROUP             N\na\\u000a\\u001b[2J  1\n',
  )
})

it('table has headings even when there is nothing below', () => {
  expect(table(['A', 'B'], [])).toBe('A  B\n')
})

it('table keeps numbers to the right when some are not known', () => {
  expect(table(['LAG'], [[12], ['-'], ['?']])).toBe('LAG\n 12\n  -\n  ?\n')
  expect(table(['LAG'], [['-'], ['-']])).toBe('LAG\n-\n-\n')
})
