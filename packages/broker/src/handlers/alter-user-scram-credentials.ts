import { AlterUserScramCredentials, errorCode } from '@varve/protocol'
import { alterScramCredentials, type ScramAltered } from '../metadata/alter-scram-credentials.ts'
import { amend } from '../metadata/amend.ts'
import { clusterRefusal } from './cluster-permission.ts'
import { handler } from './handler.ts'
import { orStorageFailure, STORAGE_FAILURE } from './storage-failure.ts'

/** Sets and removes SCRAM credentials of users. They are kept; there is no listener yet that asks for them. */
export const alterUserScramCredentials = handler(
  AlterUserScramCredentials,
  ['Alter Cluster'],
  async (request, context) => {
    const { deletions } = request
    // What outlives this turn must not lie in the request's frame.
    const upsertions = request.upsertions.map(upsertion => ({
      ...upsertion,
      salt: Uint8Array.from(upsertion.salt),
      saltedPassword: Uint8Array.from(upsertion.saltedPassword),
    }))
    const users = new Set([...deletions, ...upsertions].map(({ name }) => name))
    const all = (outcome: ScramAltered): ReadonlyMap<string, ScramAltered> =>
      new Map([...users].map(name => [name, outcome]))
    const forbidden = clusterRefusal(context, 'Alter')
    const outcomes =
      forbidden === undefined
        ? await orStorageFailure<ReadonlyMap<string, ScramAltered>>(
            amend(context.broker.metadata, image =>
              alterScramCredentials(image, deletions, upsertions),
            ),
            () => all(STORAGE_FAILURE),
          )
        : all(forbidden)
    return {
      results: [...outcomes].map(([user, outcome]) => ({
        user,
        errorCode: errorCode(outcome.error),
        errorMessage: outcome.error === 'NONE' ? null : outcome.message,
      })),
    }
  },
)
