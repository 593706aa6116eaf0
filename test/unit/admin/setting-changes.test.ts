import { describe, expect, it } from 'vitest'
import { namedValues, settingChanges } from '../../../packages/admin/src/setting-changes.ts'

const nothing = {
  settings: undefined,
  remove: undefined,
  append: undefined,
  subtract: undefined,
  dryRun: false,
}

describe('settingChanges', () => {
  it('tells apart what is set, removed, appended and subtracted', () => {
    const changes = settingChanges(
      { type: 'topic', name: 'orders' },
      {
        ...nothing,
        settings: ['a=1', 'b=x=y', 'c='],
        remove: ['d'],
        append: ['e=2'],
        subtract: ['f=3'],
      },
    )
    expect(changes).toEqual({
      type: 'topic',
      name: 'orders',
      set: { a: '1', b: 'x=y', c: '' },
      remove: ['d'],
      append: { e: '2' },
      subtract: { f: '3' },
    })
  })

  it('refuses to change nothing', () => {
    expect(() => settingChanges({ type: 'topic', name: 'a' }, nothing)).toThrow('nothing to change')
  })
})

describe('namedValues', () => {
  it('refuses what has no name', () => {
    for (const pair of ['retention.ms', '=5', ''])
      expect(() => namedValues([pair])).toThrow('expected name=value')
  })
})
