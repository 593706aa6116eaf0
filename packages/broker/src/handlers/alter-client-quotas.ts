import { AlterClientQuotas, errorCode } from '@varve/protocol'
import { alterClientQuotas as decide, type QuotasAltered } from '../metadata/alter-client-quotas.ts'
import { amend } from '../metadata/amend.ts'
import { quotaEntityKey } from '../metadata/quota-entity.ts'
import { clusterRefusal } from './cluster-permission.ts'
import { handler } from './handler.ts'
import { namedTwice } from './named-twice.ts'
import { orStorageFailure, STORAGE_FAILURE } from './storage-failure.ts'

/** Sets and removes quotas of clients. They are kept and told, and nobody is slowed down by them yet. */
export const alterClientQuotas = handler(
  AlterClientQuotas,
  ['AlterConfigs Cluster'],
  async (request, context) => {
    const { metadata } = context.broker
    const forbidden = clusterRefusal(context, 'AlterConfigs')
    const keys = request.entries.map(({ entity }) => quotaEntityKey(entity))
    const twice = namedTwice(keys)
    const refusals = keys.map(
      (key): QuotasAltered | undefined =>
        forbidden ??
        (twice.has(key)
          ? { error: 'INVALID_REQUEST', message: 'The entity is named twice.' }
          : undefined),
    )
    const wanted = request.entries.filter((_, index) => refusals[index] === undefined)
    const outcomes = request.validateOnly
      ? decide(metadata.image, wanted).outcome
      : await orStorageFailure<readonly QuotasAltered[]>(
          amend(metadata, image => decide(image, wanted)),
          () => wanted.map(() => STORAGE_FAILURE),
        )
    const results = outcomes.values()
    return {
      entries: request.entries.map(({ entity }, index) => {
        const outcome = refusals[index] ?? results.next().value ?? STORAGE_FAILURE
        return {
          entity,
          errorCode: errorCode(outcome.error),
          errorMessage: outcome.error === 'NONE' ? null : outcome.message,
        }
      }),
    }
  },
)
