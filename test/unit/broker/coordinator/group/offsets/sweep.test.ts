import { describe, expect, it } from 'vitest'
import { offsetTombstone } from '../../../../../../packages/broker/src/coordinator/group/offsets/offset-records.ts'
import {
  type Stretch,
  sweepStretch,
} from '../../../../../../packages/broker/src/coordinator/group/offsets/sweep.ts'

const tombstone = offsetTombstone({ groupId: 'g', topic: 't', partition: 0 })
const groupIds = ['a', 'b', 'c']

describe('sweepStretch', () => {
  it('looks at every group from where it begins', () => {
    const seen: string[] = []
    const { left } = sweepStretch({ groupIds, next: 1 }, groupId => void seen.push(groupId))
    expect([seen, left]).toEqual([['b', 'c'], undefined])
  })

  it('comes back to the group at which it was full', () => {
    const fill = (groupId: string, { changes }: Stretch): void => {
      if (groupId !== 'b') return
      for (let count = 0; count < 1_000; count++) changes.push(tombstone)
    }
    const { changes, left } = sweepStretch({ groupIds, next: 0 }, fill)
    expect([changes.length, left]).toEqual([1_000, { groupIds, next: 1 }])
  })

  it('stops after having looked at ten thousand offsets', () => {
    const look = (_groupId: string, stretch: Stretch): void => {
      stretch.looks += 9_999
    }
    expect(sweepStretch({ groupIds, next: 0 }, look).left).toEqual({ groupIds, next: 1 })
  })
})
