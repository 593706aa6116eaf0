import { LeaveGroup, type LeaveGroupRequest, type LeaveGroupResponse } from '@varve/protocol'
import { leaveGroup as decide, refusedLeave } from '../coordinator/group/classic/leave-group.ts'
import { callerOf } from './group-caller.ts'
import { handler, type RequestContext } from './handler.ts'

/** Takes members out of a classic group. */
export const leaveGroup = handler(LeaveGroup, ['Read Group'], async (request, context) => {
  const { groupId } = request
  if (!context.authorize('Read', 'Group', groupId)) {
    return refusedLeave('GROUP_AUTHORIZATION_FAILED')
  }
  noteReasons(request, context)
  const caller = callerOf(context)
  return await context.broker.groups.ask<LeaveGroupResponse>(groupId, {
    decide: (state, ticket, moment) => decide(state, { ...caller, request, ticket }, moment),
    refuse: refusedLeave,
  })
})

/** Characters of a reason that go into the log. */
const REASON_LENGTH = 255

/** KIP-800: why clients leave is for whoever reads the log. */
function noteReasons({ groupId, members }: LeaveGroupRequest, context: RequestContext): void {
  const reasons = members.flatMap(({ reason }) => reason?.slice(0, REASON_LENGTH) ?? [])
  const [reason] = reasons
  if (reason === undefined) return
  context.broker.world.log.debug('members leave a group', {
    groupId: groupId.slice(0, REASON_LENGTH),
    members: members.length,
    reason,
  })
}
