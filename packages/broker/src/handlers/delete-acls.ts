import { DeleteAcls, errorCode } from '@varve/protocol'
import { clusterRefusal } from './cluster-permission.ts'
import { handler } from './handler.ts'
import { SECURITY_DISABLED } from './security-disabled.ts'

export const deleteAcls = handler(DeleteAcls, ['Alter Cluster'], (request, context) => {
  const { error, message } = clusterRefusal(context, 'Alter') ?? SECURITY_DISABLED
  const result = { errorCode: errorCode(error), errorMessage: message, matchingAcls: [] }
  return { filterResults: request.filters.map(() => result) }
})
