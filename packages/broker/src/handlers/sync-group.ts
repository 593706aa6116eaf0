import { SyncGroup, type SyncGroupRequest, type SyncGroupResponse } from '@varve/protocol'
import { refusedSync } from '../coordinator/group/classic/sync-answers.ts'
import { syncGroup as decide } from '../coordinator/group/classic/sync-group.ts'
import { callerOf } from './group-caller.ts'
import { handler } from './handler.ts'

/** Fetches the assignment of a member of a classic group; the leader brings those of all. */
export const syncGroup = handler(SyncGroup, ['Read Group'], async (request, context) => {
  const { groupId } = request
  if (!context.authorize('Read', 'Group', groupId)) {
    return refusedSync('GROUP_AUTHORIZATION_FAILED')
  }
  const caller = callerOf(context)
  const kept = withOwnBytes(request)
  return await context.broker.groups.ask<SyncGroupResponse>(groupId, {
    decide: (state, ticket, moment) => decide(state, { ...caller, request: kept, ticket }, moment),
    refuse: refusedSync,
  })
})

/** The frame that the request came in is used again before the group lets go of the assignments. */
function withOwnBytes(request: SyncGroupRequest): SyncGroupRequest {
  const assignments = request.assignments.map(({ memberId, assignment }) => ({
    memberId,
    assignment: new Uint8Array(assignment),
  }))
  return { ...request, assignments }
}
