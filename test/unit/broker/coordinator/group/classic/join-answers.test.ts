import { describe, expect, it } from 'vitest'
import {
  joined,
  refusedJoin,
} from '../../../../../../packages/broker/src/coordinator/group/classic/join-answers.ts'
import { ClassicShard } from '../../../../../support/classic-shard.ts'

describe('answers to JoinGroup', () => {
  it('tell what each member says under the protocol that was agreed on', () => {
    const shard = new ClassicShard()
    const { memberIds } = shard.stable(2)
    const members = [...(shard.group()?.members.values() ?? [])]
    const generation = { generationId: 2, protocolType: 'consumer', leaderId: memberIds[0] ?? '' }
    const told = joined({ ...generation, protocolName: 'range' }, memberIds[0] ?? '', members)
    expect(told.members.map(({ metadata }) => metadata)).toEqual(
      members.map(({ protocols }) => protocols[0]?.metadata),
    )
    const other = joined({ ...generation, protocolName: 'other' }, memberIds[0] ?? '', members)
    expect(other.members.map(({ metadata }) => metadata.length)).toEqual([0, 0])
  })

  it('name no generation when the request is refused', () => {
    expect(refusedJoin('m', 'UNKNOWN_MEMBER_ID')).toMatchObject({
      errorCode: 25,
      memberId: 'm',
      generationId: -1,
      leader: '',
      members: [],
    })
  })
})
