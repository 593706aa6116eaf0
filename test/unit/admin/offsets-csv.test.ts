import { describe, expect, it } from 'vitest'
import { csvOfOffsets, offsetsOfCsv } from '../../../packages/admin/src/offsets-csv.ts'

const row = (groupId: string, topic: string, partition: number, offset: number) => ({
  groupId,
  topic,
  partition,
  offset,
})

describe('offsets as CSV', () => {
  it('is written in the form for one group or for several, without a heading', () => {
    const rows = [row('billing', 'orders', 0, 17), row('billing', 'orders', 1, 0)]
    expect(csvOfOffsets(rows, 'one group')).toBe('orders,0,17\norders,1,0\n')
    expect(csvOfOffsets(rows, 'several groups')).toBe('billing,orders,0,17\nbilling,orders,1,0\n')
  })

  it('is read back as it was written, whatever the group is called', () => {
    for (const groupId of ['billing', 'a,b', 'say "hi"', ' ', 'Gruppe für alle']) {
      const rows = [row(groupId, 'orders', 3, 9_007_199_254_740_991)]
      expect(offsetsOfCsv('f', csvOfOffsets(rows, 'several groups'))).toEqual(rows)
    }
  })

  it('is read in both forms, with quotes, blanks, empty lines and the line ends of Windows', () => {
    const text = '\uFEFForders,0,1\r\n\r\n"orders", 1 ,2\r\n'
    expect(offsetsOfCsv('f', text)).toEqual([
      { groupId: undefined, topic: 'orders', partition: 0, offset: 1 },
      { groupId: undefined, topic: 'orders', partition: 1, offset: 2 },
    ])
    expect(offsetsOfCsv('f', 'g,orders,0,1\nh,orders,0,1')).toHaveLength(2)
  })

  it('is refused by line when it is wrong', () => {
    const wrong = [
      'orders,0',
      'orders,0,-1',
      'orders,x,1',
      ',0,1',
      'a,b,c,d,e',
      'orders,0,99999999999999999',
      'topic,partition,offset',
      '"orders,0,1',
    ]
    for (const line of wrong)
      expect(() => offsetsOfCsv('plan.csv', `ok,0,1\n${line}`)).toThrow(
        /^plan\.csv, line 2: .*neither/,
      )
    expect(() => offsetsOfCsv('plan.csv', 'a,0,1\na,1,1\na,0,2')).toThrow(
      'plan.csv, line 3: a-0 was named in line 1 already',
    )
    expect(() => offsetsOfCsv('plan.csv', '\n')).toThrow('plan.csv holds no offsets')
  })
})
