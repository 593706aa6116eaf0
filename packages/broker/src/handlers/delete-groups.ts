import { DeleteGroups, type DeleteGroupsResponse, type ErrorName, errorCode } from '@varve/protocol'
import { deleteGroup } from '../coordinator/group/admin/delete-group.ts'
import { handler, type RequestContext } from './handler.ts'

/** Deleted together, before others have their turn of the event loop: some milliseconds of work. */
const GROUPS_AT_ONCE_MAX = 128

/** Deletes groups without members, and their offsets (KIP-229). A group that is named twice is answered once. */
export const deleteGroups = handler(
  DeleteGroups,
  ['Delete Group'],
  async ({ groupsNames }, context): Promise<DeleteGroupsResponse> => {
    const groupIds = [...new Set(groupsNames)]
    const results: DeleteGroupsResponse['results'][number][] = []
    for (let from = 0; from < groupIds.length; from += GROUPS_AT_ONCE_MAX) {
      const portion = groupIds.slice(from, from + GROUPS_AT_ONCE_MAX)
      const removed = portion.map(async groupId => ({
        groupId,
        errorCode: errorCode(await remove(groupId, context)),
      }))
      results.push(...(await Promise.all(removed)))
    }
    return { throttleTimeMs: 0, results }
  },
)

async function remove(groupId: string, context: RequestContext): Promise<ErrorName> {
  if (!context.authorize('Delete', 'Group', groupId)) return 'GROUP_AUTHORIZATION_FAILED'
  return await context.broker.groups.ask<ErrorName>(groupId, {
    decide: (state, ticket) => deleteGroup(state, groupId, ticket),
    refuse: error => error,
  })
}
