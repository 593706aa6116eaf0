import { describe, expect, it } from 'vitest'
import { offsetsFired } from '../../../../../../packages/broker/src/coordinator/group/offsets/offsets-fired.ts'
import { GroupShard } from '../../../../../support/group-shard.ts'
import { topicIdOf } from '../../../../../support/metadata-image.ts'

describe('offsetsFired', () => {
  it('changes nothing for groups that are gone since', () => {
    const { state, moment } = new GroupShard()
    const left = { groupIds: ['gone'], next: 0 }
    const topics = new Map([['orders', topicIdOf('orders')]])
    const deleted = { type: 'offsets-topics-deleted', topics, left, revision: 1 } as const
    expect(offsetsFired(state, deleted, moment)).toEqual({ changes: [] })
    expect(offsetsFired(state, { type: 'offsets-expire', left }, moment).changes).toEqual([])
  })
})
