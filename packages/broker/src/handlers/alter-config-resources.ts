/** What IncrementalAlterConfigs and AlterConfigs share: each resource is allowed, decided and answered for itself. */
import { type ErrorName, errorCode } from '@varve/protocol'
import { type Altered, alterConfigs, type WantedConfigs } from '../metadata/alter-configs.ts'
import { amend } from '../metadata/amend.ts'
import { configAuthorizationError, resourceKey } from './config-resource.ts'
import type { RequestContext } from './handler.ts'
import { namedTwice } from './named-twice.ts'
import { orStorageFailure, STORAGE_FAILURE } from './storage-failure.ts'

export interface AlteredResource {
  readonly errorCode: number
  readonly errorMessage: string | null
  readonly resourceType: number
  readonly resourceName: string
}

/** A resource as it was asked for, or why its alterations make no sense. */
export type AskedConfigs = WantedConfigs & { readonly malformed?: string | undefined }

export async function alterConfigResources(
  context: RequestContext,
  asked: readonly AskedConfigs[],
  mode: 'validate' | 'apply',
): Promise<AlteredResource[]> {
  const { metadata, settings, brokerId } = context.broker
  const twice = namedTwice(asked.map(resourceKey))
  const refusals = asked.map(resource => refusalOf(context, resource, twice))
  const wanted = asked.filter((_, index) => refusals[index] === undefined)
  const rules = { settings, brokerId }
  const outcomes =
    mode === 'validate'
      ? alterConfigs(metadata.image, wanted, rules).outcome
      : await orStorageFailure<readonly Altered[]>(
          amend(metadata, image => alterConfigs(image, wanted, rules)),
          () => wanted.map(() => STORAGE_FAILURE),
        )
  const outcomeOf = new Map(wanted.map((resource, index) => [resource, outcomes[index]] as const))
  return asked.map((resource, index) => {
    const outcome = refusals[index] ?? outcomeOf.get(resource) ?? STORAGE_FAILURE
    return {
      errorCode: errorCode(outcome.error),
      errorMessage: outcome.error === 'NONE' ? null : outcome.message,
      resourceType: resource.resourceType,
      resourceName: resource.resourceName,
    }
  })
}

function refusalOf(
  context: RequestContext,
  resource: AskedConfigs,
  twice: ReadonlySet<string>,
): Exclude<Altered, { error: 'NONE' }> | undefined {
  const forbidden: ErrorName | undefined = configAuthorizationError(
    context,
    'AlterConfigs',
    resource,
  )
  if (forbidden !== undefined && forbidden !== 'NONE') {
    return { error: forbidden, message: 'Not allowed to change these settings.' }
  }
  if (twice.has(resourceKey(resource))) {
    return { error: 'INVALID_REQUEST', message: 'The resource is named twice.' }
  }
  const { malformed } = resource
  return malformed === undefined ? undefined : { error: 'INVALID_REQUEST', message: malformed }
}
