import { type ErrorName, errorCode, Heartbeat, type HeartbeatResponse } from '@varve/protocol'
import { heartbeat as decide } from '../coordinator/group/classic/heartbeat.ts'
import { callerOf } from './group-caller.ts'
import { handler } from './handler.ts'

/** Keeps a member of a classic group alive, and tells it of a rebalance. */
export const heartbeat = handler(Heartbeat, ['Read Group'], async (request, context) => {
  const { groupId } = request
  if (!context.authorize('Read', 'Group', groupId)) return refused('GROUP_AUTHORIZATION_FAILED')
  const caller = callerOf(context)
  return await context.broker.groups.ask<HeartbeatResponse>(groupId, {
    decide: (state, ticket, moment) => decide(state, { ...caller, request, ticket }, moment),
    // As with Kafka, a member of a group that is being loaded is believed: it would only join again.
    refuse: error => refused(error === 'COORDINATOR_LOAD_IN_PROGRESS' ? 'NONE' : error),
  })
})

function refused(error: ErrorName): HeartbeatResponse {
  return { throttleTimeMs: 0, errorCode: errorCode(error) }
}
