import { DeleteGroups, type DeleteGroupsResponse, type ErrorName, errorCode } from '@varve/protocol'
import { deleteGroup } from '../coordinator/group/admin/delete-group.ts'
import { handler, type RequestContext } from './handler.ts'

/** Deletes groups without members, and their offsets (KIP-229). A group that is named twice is answered once. */
export const deleteGroups = handler(
  DeleteGroups,
  ['Delete Group'],
  async ({ groupsNames }, context): Promise<DeleteGroupsResponse> => {
    const results = await Promise.all(
      [...new Set(groupsNames)].map(async groupId => ({
        groupId,
        errorCode: errorCode(await remove(groupId, context)),
      })),
    )
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
