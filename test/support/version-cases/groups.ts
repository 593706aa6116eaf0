import { DeleteGroups, DescribeGroups, ListGroups } from '@varve/protocol'
import { expect } from 'vitest'
import { casesOf, expectError, first } from './case.ts'
import { committedGroup } from './offsets.ts'

export const listGroupsCases = casesOf(ListGroups, {
  'lists groups that have committed offsets only': async at => {
    const groupId = await committedGroup(at)
    const { errorCode, groups } = await at.ask({})
    expectError(errorCode, 'NONE')
    expect(groups.filter(group => group.groupId === groupId)).toEqual([
      {
        groupId,
        protocolType: '',
        groupState: at.version < 4 ? '' : 'Empty',
        groupType: at.version < 5 ? '' : 'classic',
      },
    ])
  },
  'lists groups by state': {
    since: 4,
    run: async at => {
      const groupId = await committedGroup(at)
      const idsWith = async (...statesFilter: readonly string[]) =>
        (await at.ask({ statesFilter })).groups.map(group => group.groupId)
      expect(await idsWith('stable', ' EMPTY ')).toContain(groupId)
      expect(await idsWith('Stable')).not.toContain(groupId)
      expect(await idsWith('nonsense')).toEqual([])
    },
  },
  'lists groups by type': {
    since: 5,
    run: async at => {
      const groupId = await committedGroup(at)
      const idsWith = async (...typesFilter: readonly string[]) =>
        (await at.ask({ typesFilter })).groups.map(group => group.groupId)
      expect(await idsWith('Classic')).toContain(groupId)
      expect(await idsWith('consumer')).not.toContain(groupId)
    },
  },
  'hides groups that the caller may not describe': async at => {
    const groupId = await committedGroup(at)
    const denied = ['Describe Cluster kafka-cluster', `Describe Group ${groupId}`]
    at.deny(action => denied.includes(action))
    const { errorCode, groups } = await at.ask({})
    expectError(errorCode, 'NONE')
    expect(groups.map(group => group.groupId)).not.toContain(groupId)
  },
})

const NOT_ASKED_FOR = -2_147_483_648
/** Read, Delete, Describe, DescribeConfigs and AlterConfigs. */
const ALL = 0b1101_0100_1000

export const describeGroupsCases = casesOf(DescribeGroups, {
  'describes a group that has committed offsets only': async at => {
    const groupId = await committedGroup(at)
    const asked = at.version < 3 ? {} : { includeAuthorizedOperations: true }
    const group = first((await at.ask({ groups: [groupId], ...asked })).groups)
    expectError(group.errorCode, 'NONE')
    expect(group).toMatchObject({ groupId, groupState: 'Empty', protocolType: '', members: [] })
    expect(group.authorizedOperations).toBe(at.version < 3 ? NOT_ASKED_FOR : ALL)
  },
  'does not know a group that is not there': async at => {
    const groupId = at.newName()
    const group = first((await at.ask({ groups: [groupId] })).groups)
    expectError(group.errorCode, at.version < 6 ? 'NONE' : 'GROUP_ID_NOT_FOUND')
    expect(group).toMatchObject({ groupId, groupState: 'Dead', members: [] })
    if (at.version >= 6) expect(group.errorMessage).toContain(groupId)
  },
  'refuses a group that the caller may not describe': async at => {
    const groupId = await committedGroup(at)
    at.deny(action => action === `Describe Group ${groupId}`)
    const asked = at.version < 3 ? {} : { includeAuthorizedOperations: true }
    const group = first((await at.ask({ groups: [groupId], ...asked })).groups)
    expectError(group.errorCode, 'GROUP_AUTHORIZATION_FAILED')
    expect(group).toMatchObject({ groupState: '', authorizedOperations: NOT_ASKED_FOR })
  },
})

export const deleteGroupsCases = casesOf(DeleteGroups, {
  'deletes a group, and answers once for one that is named twice': async at => {
    const groupId = await committedGroup(at)
    const { results } = await at.ask({ groupsNames: [groupId, groupId] })
    expect(results).toEqual([{ groupId, errorCode: 0 }])
    const again = first((await at.ask({ groupsNames: [groupId] })).results)
    expectError(again.errorCode, 'GROUP_ID_NOT_FOUND')
  },
  'refuses a group that the caller may not delete': async at => {
    const groupId = await committedGroup(at)
    at.deny(action => action === `Delete Group ${groupId}`)
    const { errorCode } = first((await at.ask({ groupsNames: [groupId] })).results)
    expectError(errorCode, 'GROUP_AUTHORIZATION_FAILED')
  },
})
