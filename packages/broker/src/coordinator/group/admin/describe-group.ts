import { type DescribeGroupsResponse, type ErrorName, errorCode } from '@varve/protocol'
import { describeClassicGroup } from '../classic/describe-classic-group.ts'
import type { GroupShardState } from '../state.ts'

/** A group as DescribeGroups tells of it, but for what the caller may do with it. */
export type DescribedGroup = Omit<DescribeGroupsResponse['groups'][number], 'authorizedOperations'>

/** The first version with an error for a group that is not there (KIP-1043); to earlier ones it is Dead. */
const GROUP_ID_NOT_FOUND_SINCE = 6

/** Describes a classic group, or one that nobody ever joined and that has committed offsets only. */
export function describeGroup(
  state: GroupShardState,
  groupId: string,
  apiVersion: number,
): DescribedGroup {
  const group = state.groups.get(groupId)
  if (group?.kind === 'classic') {
    const { state: groupState, protocolType, protocolName, members } = describeClassicGroup(group)
    return {
      ...undescribed(groupId, 'NONE'),
      groupState,
      protocolType,
      protocolData: protocolName,
      members: members.map(({ instanceId, metadata, assignment, ...member }) => ({
        ...member,
        groupInstanceId: instanceId,
        memberMetadata: metadata,
        memberAssignment: assignment,
      })),
    }
  }
  if (group === undefined && state.offsets.has(groupId)) {
    return { ...undescribed(groupId, 'NONE'), groupState: 'Empty' }
  }
  const dead = { ...undescribed(groupId, 'NONE'), groupState: 'Dead' }
  if (apiVersion < GROUP_ID_NOT_FOUND_SINCE) return dead
  const errorMessage =
    group === undefined
      ? `There is no group ${groupId}.`
      : `Group ${groupId} is not a classic group.`
  return { ...dead, errorCode: errorCode('GROUP_ID_NOT_FOUND'), errorMessage }
}

/** Says nothing of a group but why, if there is a reason. */
export function undescribed(groupId: string, error: ErrorName): DescribedGroup {
  return {
    errorCode: errorCode(error),
    errorMessage: null,
    groupId,
    groupState: '',
    protocolType: '',
    protocolData: '',
    members: [],
  }
}
