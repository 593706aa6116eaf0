import { CreateAcls, errorCode } from '@varve/protocol'
import { clusterRefusal } from './cluster-permission.ts'
import { handler } from './handler.ts'
import { SECURITY_DISABLED } from './security-disabled.ts'

export const createAcls = handler(CreateAcls, ['Alter Cluster'], (request, context) => {
  const { error, message } = clusterRefusal(context, 'Alter') ?? SECURITY_DISABLED
  const result = { errorCode: errorCode(error), errorMessage: message }
  return { results: request.creations.map(() => result) }
})
