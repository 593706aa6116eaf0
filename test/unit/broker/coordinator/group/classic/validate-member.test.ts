import { describe, expect, it } from 'vitest'
import { validateMember } from '../../../../../../packages/broker/src/coordinator/group/classic/validate-member.ts'
import { ClassicShard } from '../../../../../support/classic-shard.ts'

describe('whether a request comes from a member', () => {
  it('depends on the instance first, where it names one', () => {
    const shard = new ClassicShard()
    const { memberId } = shard.join({ instanceId: 'one' }).response()
    const group = shard.group()
    if (group === undefined) throw new Error('there is no group')
    expect(validateMember(group, { memberId, instanceId: 'one' })).toBe('NONE')
    expect(validateMember(group, { memberId, instanceId: null })).toBe('NONE')
    expect(validateMember(group, { memberId, instanceId: 'two' })).toBe('UNKNOWN_MEMBER_ID')
    expect(validateMember(group, { memberId: 'x', instanceId: 'one' })).toBe('FENCED_INSTANCE_ID')
    expect(validateMember(group, { memberId: 'x', instanceId: null })).toBe('UNKNOWN_MEMBER_ID')
  })
})
