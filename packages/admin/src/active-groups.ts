import type { Admin, DescribedGroup, DescribedMember } from '@varve/client'
import { CommandError } from './command-error.ts'

const NAMED_MAX = 5

/** The names of all groups of consumers. Old brokers cannot be asked for those only, and do not say what a group is. */
export async function namesOfGroups(admin: Admin): Promise<readonly string[]> {
  const groups = await admin.listGroups()
  return groups
    .filter(({ type }) => type === 'classic' || type === 'consumer' || type === 'unknown')
    .filter(({ protocolType }) => protocolType === 'consumer' || protocolType === '')
    .map(({ groupId }) => groupId)
}

/** Describes groups; throws what is wrong with them, but for those that do not exist. */
export async function describedGroups(
  admin: Admin,
  groupIds: readonly string[],
): Promise<readonly DescribedGroup[]> {
  const described = await admin.describeGroups(groupIds)
  const failed = described.flatMap(group =>
    group.error === undefined || isMissing(group) ? [] : group.error.message,
  )
  if (failed.length > 0) throw new CommandError(failed.join('; '))
  return described
}

export function isMissing({ error }: DescribedGroup): boolean {
  return error?.code === 'GROUP_ID_NOT_FOUND'
}

/** Throws a `CommandError` when one of the groups has members. `why` ends the sentence after the group: what they would do. */
export function refuseActive(groups: readonly DescribedGroup[], why: string): void {
  const active = groups.filter(
    group => !isMissing(group) && group.state !== 'Empty' && group.state !== 'Dead',
  )
  if (active.length > 0) throw new CommandError(active.map(group => refusal(group, why)).join('; '))
}

function refusal({ groupId, state, members }: DescribedGroup, why: string): string {
  const named = members
    .slice(0, NAMED_MAX)
    .map(member => `${memberName(member)} on ${memberHost(member)}`)
  const more = members.length - named.length
  const names = more > 0 ? `${named.join(', ')} and ${more} more` : named.join(', ')
  const count = `${members.length} ${members.length === 1 ? 'member' : 'members'}`
  return (
    `Group ${groupId} is in use (${state}, ${count}${names === '' ? '' : `: ${names}`}): ${why}. ` +
    'Stop its consumers and try again; one that vanished counts until its session has timed out'
  )
}

/** What people know a member by. */
export function memberName({ groupInstanceId, memberId }: DescribedMember): string {
  return groupInstanceId ?? memberId
}

/** Brokers say `/127.0.0.1`, as Java prints addresses. */
export function memberHost({ host }: DescribedMember): string {
  return host.replace(/^\//, '')
}
