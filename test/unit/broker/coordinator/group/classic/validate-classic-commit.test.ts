import { describe, expect, it } from 'vitest'
import { validateClassicCommit } from '../../../../../../packages/broker/src/coordinator/group/classic/validate-classic-commit.ts'
import { ClassicShard } from '../../../../../support/classic-shard.ts'

function commitIn(shard: ClassicShard) {
  return (words: Partial<Parameters<typeof validateClassicCommit>[1]>) => {
    const group = shard.group()
    if (group === undefined) throw new Error('there is no group')
    const commit = { memberId: '', instanceId: null, generationId: -1, by: 'OffsetCommit' } as const
    return validateClassicCommit(group, { ...commit, ...words })
  }
}

describe('who may commit to a classic group', () => {
  it('is a member in the current generation', () => {
    const shard = new ClassicShard()
    const { memberIds, generationId } = shard.stable(1)
    const memberId = memberIds[0] ?? ''
    const commit = commitIn(shard)
    expect(commit({ memberId, generationId })).toBe('NONE')
    expect(commit({ memberId, generationId: generationId - 1 })).toBe('ILLEGAL_GENERATION')
    expect(commit({ memberId, generationId: generationId + 1 })).toBe('ILLEGAL_GENERATION')
    expect(commit({ memberId })).toBe('ILLEGAL_GENERATION')
    expect(commit({ memberId: 'other', generationId })).toBe('UNKNOWN_MEMBER_ID')
    expect(commit({ memberId, generationId, instanceId: 'one' })).toBe('UNKNOWN_MEMBER_ID')
    expect(commit({})).toBe('UNKNOWN_MEMBER_ID')
  })

  it('may finish while the next round is prepared, and has to sync before it begins in one', () => {
    const shard = new ClassicShard()
    const { memberIds, generationId } = shard.stable(2)
    const [one = '', two = ''] = memberIds
    const commit = commitIn(shard)
    shard.join({ memberId: one })
    expect(commit({ memberId: two, generationId })).toBe('NONE')
    shard.join({ memberId: two })
    expect(commit({ memberId: two, generationId })).toBe('ILLEGAL_GENERATION')
    const now = { memberId: two, generationId: generationId + 1 }
    expect(commit(now)).toBe('REBALANCE_IN_PROGRESS')
    expect(commit({ ...now, by: 'TxnOffsetCommit' })).toBe('NONE')
  })

  it('is a client without membership while the group is empty', () => {
    const shard = new ClassicShard()
    const { memberIds, generationId } = shard.stable(1)
    shard.leave([{ memberId: memberIds[0] ?? '' }])
    const commit = commitIn(shard)
    expect(commit({})).toBe('NONE')
    expect(commit({ memberId: memberIds[0] ?? '', generationId })).toBe('UNKNOWN_MEMBER_ID')
  })

  it('is a transaction that names no member, whatever the state (KIP-447)', () => {
    const shard = new ClassicShard()
    shard.stable(1)
    expect(commitIn(shard)({ by: 'TxnOffsetCommit' })).toBe('NONE')
  })

  it('is not the former self of a static member', () => {
    const shard = new ClassicShard()
    const { memberId } = shard.join({ instanceId: 'one' }).response()
    shard.settle([memberId])
    shard.join({ instanceId: 'one' })
    expect(commitIn(shard)({ memberId, instanceId: 'one', generationId: 1 })).toBe(
      'FENCED_INSTANCE_ID',
    )
  })
})
