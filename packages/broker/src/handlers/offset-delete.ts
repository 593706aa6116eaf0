import { type ErrorName, errorCode, OffsetDelete, type OffsetDeleteResponse } from '@varve/protocol'
import {
  type DeleteAnswer,
  type DeleteRequest,
  deleteOffsets,
} from '../coordinator/group/offsets/delete-offsets.ts'
import { callerOf } from './group-caller.ts'
import { handler, type RequestContext } from './handler.ts'

/** Deletes committed offsets of a group (KIP-496). */
export const offsetDelete = handler(
  OffsetDelete,
  ['Delete Group', 'Read Topic'],
  async (request, context): Promise<OffsetDeleteResponse> => {
    const { groupId, topics } = request
    if (!context.authorize('Delete', 'Group', groupId)) return refused('GROUP_AUTHORIZATION_FAILED')
    const names = topics.map(({ name }) => name)
    const forbidden = new Set(names.filter(name => !context.authorize('Read', 'Topic', name)))
    const answered = await ask({ groupId, topics, forbidden }, context)
    if (typeof answered === 'string') return refused(answered)
    return {
      errorCode: errorCode('NONE'),
      throttleTimeMs: 0,
      topics: topics.map(({ name }, index) => ({
        name,
        partitions: (answered[index] ?? []).map(({ partitionIndex, error }) => ({
          partitionIndex,
          errorCode: errorCode(error),
        })),
      })),
    }
  },
)

function ask(request: DeleteRequest, context: RequestContext): Promise<DeleteAnswer> {
  const caller = callerOf(context)
  return context.broker.groups.ask<DeleteAnswer>(request.groupId, {
    decide: (state, ticket, moment) => deleteOffsets(state, { ...caller, request, ticket }, moment),
    refuse: error => error,
  })
}

function refused(error: ErrorName): OffsetDeleteResponse {
  return { errorCode: errorCode(error), throttleTimeMs: 0, topics: [] }
}
