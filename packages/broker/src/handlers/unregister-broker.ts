import { errorCode, UnregisterBroker } from '@varve/protocol'
import { amend } from '../metadata/amend.ts'
import { unregisterBroker as decide, type Unregistered } from '../metadata/unregister-broker.ts'
import { clusterRefusal } from './cluster-permission.ts'
import { handler } from './handler.ts'
import { orStorageFailure, STORAGE_FAILURE } from './storage-failure.ts'

/** Forgets a broker that will not come back. The one that answers is there, and says so. */
export const unregisterBroker = handler(
  UnregisterBroker,
  ['Alter Cluster'],
  async (request, context) => {
    const { metadata, brokerId } = context.broker
    const outcome =
      clusterRefusal(context, 'Alter') ??
      (await orStorageFailure<Unregistered>(
        amend(metadata, image => decide(image, request.brokerId, brokerId)),
        () => STORAGE_FAILURE,
      ))
    return {
      errorCode: errorCode(outcome.error),
      errorMessage: outcome.error === 'NONE' ? null : outcome.message,
    }
  },
)
