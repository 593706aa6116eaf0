import { type ErrorName, errorCode, ListGroups, type ListGroupsResponse } from '@varve/protocol'
import { type ListedGroup, listGroups as list } from '../coordinator/group/admin/list-groups.ts'
import { answer } from '../coordinator/runtime/decision.ts'
import { CLUSTER_RESOURCE, handler } from './handler.ts'

type ShardAnswer = readonly ListedGroup[] | ErrorName

/** Lists the groups that this broker coordinates. */
export const listGroups = handler(
  ListGroups,
  ['Describe Cluster', 'Describe Group'],
  async ({ statesFilter: states, typesFilter: types }, context): Promise<ListGroupsResponse> => {
    const seesAll = context.authorize('Describe', 'Cluster', CLUSTER_RESOURCE)
    const answers = await context.broker.groups.askAll<ShardAnswer>({
      decide: (state, ticket) => ({
        answers: [answer<ShardAnswer>(ticket, list(state, { states, types }))],
      }),
      // A shard that has gone elsewhere is listed there.
      refuse: error => (error === 'NOT_COORDINATOR' ? [] : error),
    })
    const groups: ListedGroup[] = []
    for (const listed of answers) {
      if (typeof listed === 'string') return answered(listed, [])
      for (const group of listed) {
        if (seesAll || context.authorize('Describe', 'Group', group.groupId)) groups.push(group)
      }
    }
    return answered('NONE', groups)
  },
)

function answered(error: ErrorName, groups: readonly ListedGroup[]): ListGroupsResponse {
  return { throttleTimeMs: 0, errorCode: errorCode(error), groups }
}
