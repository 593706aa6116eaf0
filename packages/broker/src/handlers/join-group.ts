import { JoinGroup, type JoinGroupRequest, type JoinGroupResponse } from '@varve/protocol'
import { exceedsLimits } from '../coordinator/group/classic/classic-limits.ts'
import { refusedJoin } from '../coordinator/group/classic/join-answers.ts'
import { joinGroup as decide } from '../coordinator/group/classic/join-group.ts'
import { callerWithFreshId } from './group-caller.ts'
import { handler, type RequestContext } from './handler.ts'

/** Joins a classic group. The answer comes when the members of the next generation are known. */
export const joinGroup = handler(JoinGroup, ['Read Group'], async (request, context) => {
  const { groupId, memberId } = request
  if (!context.authorize('Read', 'Group', groupId)) {
    return shaped(refusedJoin(memberId, 'GROUP_AUTHORIZATION_FAILED'), context)
  }
  const caller = callerWithFreshId(context)
  const kept = withOwnBytes(request)
  const response = await context.broker.groups.ask<JoinGroupResponse>(groupId, {
    decide: (state, ticket, moment) => decide(state, { ...caller, request: kept, ticket }, moment),
    refuse: error => refusedJoin(memberId, error),
  })
  return shaped(response, context)
})

/** The frame that the request came in is used again before the group lets go of the metadata. */
function withOwnBytes(request: JoinGroupRequest): JoinGroupRequest {
  // It is refused by its sizes alone.
  if (exceedsLimits(request)) return request
  const protocols = request.protocols.map(({ name, metadata }) => ({
    name,
    metadata: new Uint8Array(metadata),
  }))
  return { ...request, protocols }
}

/** Before version 7 a missing protocol name is an empty one. */
function shaped(response: JoinGroupResponse, { apiVersion }: RequestContext): JoinGroupResponse {
  return response.protocolName === null && apiVersion < 7
    ? { ...response, protocolName: '' }
    : response
}
