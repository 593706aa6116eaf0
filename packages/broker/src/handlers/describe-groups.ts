import { DescribeGroups, type DescribeGroupsResponse, errorCode } from '@varve/protocol'
import {
  type DescribedGroup,
  describeGroup,
  undescribed,
} from '../coordinator/group/admin/describe-group.ts'
import { answer } from '../coordinator/runtime/decision.ts'
import { authorizedOperations, OPERATIONS_NOT_ASKED_FOR } from './authorized-operations.ts'
import { handler, type RequestContext } from './handler.ts'

/** Describes classic groups with their members. A group that is named twice is answered once: it may be large. */
export const describeGroups = handler(
  DescribeGroups,
  ['Describe Group'],
  async ({ groups, includeAuthorizedOperations }, context): Promise<DescribeGroupsResponse> => {
    const described = await Promise.all(
      [...new Set(groups)].map(groupId => describe(groupId, context)),
    )
    return {
      throttleTimeMs: 0,
      groups: described.map(group => ({
        ...group,
        authorizedOperations:
          includeAuthorizedOperations && group.errorCode === errorCode('NONE')
            ? authorizedOperations(context, { type: 'Group', name: group.groupId })
            : OPERATIONS_NOT_ASKED_FOR,
      })),
    }
  },
)

async function describe(groupId: string, context: RequestContext): Promise<DescribedGroup> {
  if (!context.authorize('Describe', 'Group', groupId)) {
    return undescribed(groupId, 'GROUP_AUTHORIZATION_FAILED')
  }
  return await context.broker.groups.ask<DescribedGroup>(groupId, {
    decide: (state, ticket) => ({
      answers: [answer(ticket, describeGroup(state, groupId, context.apiVersion))],
    }),
    refuse: error => undescribed(groupId, error),
  })
}
