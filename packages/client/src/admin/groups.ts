import {
  DeleteGroups,
  LeaveGroup,
  type LeaveGroupResponse,
  ListGroups,
  type ListGroupsResponse,
} from '@varve/protocol'
import { askBroker, type Call } from '../cluster/ask.ts'
import { ProtocolError, protocolError } from '../errors.ts'
import { retrying } from '../retry.ts'
import { askCoordinators } from './coordinators.ts'
import { describeCluster } from './describe.ts'
import {
  type GroupOutcome,
  type GroupState,
  type GroupType,
  groupStates,
  groupTypes,
  type ListedGroup,
  type ListGroupsOptions,
  type MemberToRemove,
  type RemovedMember,
} from './group-results.ts'

const FIRST_VERSION_WITH_STATES = 4
const FIRST_VERSION_WITH_TYPES = 5
/** Since which version members are removed by the names of their instances (KIP-345). */
const FIRST_VERSION_WITH_INSTANCES = 3

/** Lists the groups of all brokers, by name. */
export async function listGroups(call: Call, options: ListGroupsOptions): Promise<ListedGroup[]> {
  const { brokers } = await describeCluster(call)
  const lists = await Promise.all(
    brokers.map(({ brokerId }) => groupsOfBroker(call, brokerId, options)),
  )
  // A group that moves while brokers are asked may be named by two of them.
  const groups = new Map(lists.flat().map(group => [group.groupId, group]))
  return [...groups.values()].sort((a, b) => (a.groupId < b.groupId ? -1 : 1))
}

function groupsOfBroker(
  call: Call,
  brokerId: number,
  { states = [], types = [] }: ListGroupsOptions,
): Promise<ListedGroup[]> {
  const about = `listing the groups of broker ${brokerId}`
  return retrying(call.cluster.settings, { ...call, about }, async timeoutMs => {
    const response = await askBroker({ ...call, timeoutMs }, brokerId, ListGroups, version => {
      const isTooOld =
        (version < FIRST_VERSION_WITH_STATES && states.length > 0) ||
        (version < FIRST_VERSION_WITH_TYPES && types.length > 0)
      if (isTooOld)
        throw new ProtocolError('UNSUPPORTED_VERSION', about, 'the broker cannot filter by that')
      return {
        ...(version >= FIRST_VERSION_WITH_STATES ? { statesFilter: [...states] } : {}),
        ...(version >= FIRST_VERSION_WITH_TYPES ? { typesFilter: [...types] } : {}),
      }
    })
    const error = protocolError(response.errorCode, { about })
    if (error !== undefined) throw error
    return response.groups.map(listedGroup)
  })
}

function listedGroup(group: ListGroupsResponse['groups'][number]): ListedGroup {
  const { groupId, protocolType, groupState, groupType } = group
  return { groupId, protocolType, state: groupStateOf(groupState), type: groupTypeOf(groupType) }
}

/** The state that a broker names. */
export function groupStateOf(text: string): GroupState {
  return groupStates.find(state => state === text) ?? 'Unknown'
}

function groupTypeOf(text: string): GroupType {
  return groupTypes.find(type => type === text.toLowerCase()) ?? 'unknown'
}

/** Deletes groups without members, and what they committed; one result per group, in their order. */
export function deleteGroups(call: Call, groupIds: readonly string[]): Promise<GroupOutcome[]> {
  return askCoordinators(call, {
    items: groupIds.map(groupId => ({ groupId })),
    failed: ({ groupId }, error) => ({ groupId, error }),
    ask: async (coordinator, items, timeoutMs) => {
      const request = { groupsNames: items.map(({ groupId }) => groupId) }
      const response = await call.cluster.request(coordinator, DeleteGroups, request, { timeoutMs })
      return items.map(({ groupId }) => {
        const answer = response.results.find(result => result.groupId === groupId)
        const about = `deleting group ${groupId}`
        const error =
          answer === undefined
            ? new ProtocolError('UNKNOWN_SERVER_ERROR', about, 'the broker left it out')
            : protocolError(answer.errorCode, { about })
        return { groupId, error }
      })
    },
  })
}

export interface MembersToRemove {
  readonly groupId: string
  readonly members: readonly MemberToRemove[]
  /** What the broker notes in its log (KIP-800). */
  readonly reason: string
}

/** Takes members out of a group; one result per member, in their order. */
export async function removeMembers(
  call: Call,
  removal: MembersToRemove,
): Promise<RemovedMember[]> {
  const { groupId, members, reason } = removal
  const identities = members.map(identityOf)
  const [answer] = await askCoordinators(call, {
    items: [{ groupId }],
    failed: (_, error) => ({ error, answered: [] as LeaveGroupResponse['members'] }),
    ask: async (coordinator, _, timeoutMs) => {
      const response = await call.cluster.request(
        coordinator,
        LeaveGroup,
        version => {
          if (version < FIRST_VERSION_WITH_INSTANCES)
            throw new ProtocolError('UNSUPPORTED_VERSION', `removing members of group ${groupId}`)
          return { groupId, members: identities.map(identity => ({ ...identity, reason })) }
        },
        { timeoutMs },
      )
      const error = protocolError(response.errorCode, { about: `removing members of ${groupId}` })
      return [{ error, answered: response.members }]
    },
  })
  return identities.map(({ memberId, groupInstanceId }, index) => {
    const own = answer?.answered[index]
    const name = groupInstanceId ?? memberId
    const about = `removing member ${name} of group ${groupId}`
    return {
      memberId: own?.memberId ?? memberId,
      groupInstanceId,
      error: answer?.error ?? protocolError(own?.errorCode ?? -1, { about }),
    }
  })
}

function identityOf(member: MemberToRemove) {
  return 'groupInstanceId' in member
    ? { memberId: '', groupInstanceId: member.groupInstanceId }
    : { memberId: member.memberId, groupInstanceId: null }
}
