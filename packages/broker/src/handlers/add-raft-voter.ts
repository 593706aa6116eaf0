import { AddRaftVoter, errorCode } from '@varve/protocol'
import { clusterRefusal } from './cluster-permission.ts'
import { handler } from './handler.ts'

/** The quorum of the metadata log is this broker, as in every cluster whose voters are fixed (kraft.version 0). */
export const addRaftVoter = handler(AddRaftVoter, ['Alter Cluster'], (_request, context) => {
  const { error, message } = clusterRefusal(context, 'Alter') ?? {
    error: 'UNSUPPORTED_VERSION',
    message: 'The voters of this cluster are fixed (kraft.version 0): none can be added.',
  }
  return { errorCode: errorCode(error), errorMessage: message }
})
