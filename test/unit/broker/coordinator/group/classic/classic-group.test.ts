import { describe, expect, it } from 'vitest'
import { emptyClassicGroup } from '../../../../../../packages/broker/src/coordinator/group/classic/classic-group.ts'

describe('a classic group that nobody has joined', () => {
  it('is Empty, in no generation, and not in the log', () => {
    const group = emptyClassicGroup('readers')
    expect(group).toMatchObject({
      groupId: 'readers',
      state: 'Empty',
      generationId: 0,
      settled: null,
    })
    expect(group.members.size).toBe(0)
  })
})
