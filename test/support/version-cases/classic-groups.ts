import { Heartbeat, JoinGroup, LeaveGroup, SyncGroup } from '@varve/protocol'
import { expect } from 'vitest'
import { type At, casesOf, expectError } from './case.ts'

const protocols = [{ name: 'range', metadata: Buffer.from([0, 1]) }]
const joining = { sessionTimeoutMs: 10_000, rebalanceTimeoutMs: 10_000, protocolType: 'consumer' }

/** Joins with JoinGroup 4 (KIP-394), alone in the group: gives the member of generation 1. */
async function joined(at: Pick<At<typeof Heartbeat>, 'also'>, groupId: string) {
  const asked = { groupId, ...joining, protocols }
  const named = await at.also(JoinGroup, 4, { ...asked, memberId: '' })
  expectError(named.errorCode, 'MEMBER_ID_REQUIRED')
  const { memberId, generationId } = await at.also(JoinGroup, 4, {
    ...asked,
    memberId: named.memberId,
  })
  return { groupId, memberId, generationId }
}

export const joinGroupCases = casesOf(JoinGroup, {
  'makes who is alone the leader': async at => {
    const asked = { groupId: at.newName(), ...joining, protocols }
    let answer = await at.ask({ ...asked, memberId: '' })
    if (at.version >= 4) {
      expectError(answer.errorCode, 'MEMBER_ID_REQUIRED')
      answer = await at.ask({ ...asked, memberId: answer.memberId })
    }
    expectError(answer.errorCode, 'NONE')
    expect(answer).toMatchObject({ generationId: 1, protocolName: 'range' })
    expect(answer.leader).toBe(answer.memberId)
    expect(answer.members.map(({ memberId }) => memberId)).toEqual([answer.memberId])
  },
  'asks whether the client may': async at => {
    const groupId = at.newName()
    at.deny(action => action === `Read Group ${groupId}`)
    const answer = await at.ask({ groupId, ...joining, memberId: '', protocols })
    expectError(answer.errorCode, 'GROUP_AUTHORIZATION_FAILED')
  },
})

export const syncGroupCases = casesOf(SyncGroup, {
  'gives each what the leader assigned to it': async at => {
    const { groupId, memberId, generationId } = await joined(at, at.newName())
    const assignments = [{ memberId, assignment: Buffer.from('yours') }]
    const asked = { groupId, generationId, memberId, assignments }
    const named = { protocolType: 'consumer', protocolName: 'range' }
    const answer = await at.ask(at.version < 5 ? asked : { ...asked, ...named })
    expectError(answer.errorCode, 'NONE')
    expect(String(answer.assignment)).toBe('yours')
  },
  'knows nobody of another group': async at => {
    const asked = { groupId: at.newName(), generationId: 1, memberId: 'nobody', assignments: [] }
    const named = { protocolType: 'consumer', protocolName: 'range' }
    const answer = await at.ask(at.version < 5 ? asked : { ...asked, ...named })
    expectError(answer.errorCode, 'UNKNOWN_MEMBER_ID')
  },
})

export const heartbeatCases = casesOf(Heartbeat, {
  'keeps a member of this generation, and no other': async at => {
    const { groupId, memberId, generationId } = await joined(at, at.newName())
    expectError((await at.ask({ groupId, memberId, generationId })).errorCode, 'NONE')
    const late = await at.ask({ groupId, memberId, generationId: generationId + 1 })
    expectError(late.errorCode, 'ILLEGAL_GENERATION')
    const unknown = await at.ask({ groupId, memberId: 'nobody', generationId })
    expectError(unknown.errorCode, 'UNKNOWN_MEMBER_ID')
  },
})

export const leaveGroupCases = casesOf(LeaveGroup, {
  'lets a member go once': async at => {
    const { groupId, memberId } = await joined(at, at.newName())
    const leave = async (): Promise<number | undefined> => {
      if (at.version < 3) return (await at.ask({ groupId, memberId })).errorCode
      const answer = await at.ask({ groupId, members: [{ memberId }] })
      expectError(answer.errorCode, 'NONE')
      return answer.members[0]?.errorCode
    }
    expectError(await leave(), 'NONE')
    expectError(await leave(), 'UNKNOWN_MEMBER_ID')
  },
})
