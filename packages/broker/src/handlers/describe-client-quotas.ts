import { DescribeClientQuotas, errorCode, type RequestOf } from '@varve/protocol'
import type { QuotaEntity } from '../metadata/change.ts'
import type { Refusal } from '../metadata/new-partitions.ts'
import { isQuotaEntityType } from '../metadata/quota-entity.ts'
import { clusterRefusal } from './cluster-permission.ts'
import { handler } from './handler.ts'

type Request = RequestOf<typeof DescribeClientQuotas>
type Component = Request['components'][number]

const MATCH = { EXACT: 0, DEFAULT: 1, ANY: 2 } as const

/** The quotas that are set on users, client ids and addresses, as far as the filter matches them. */
export const describeClientQuotas = handler(
  DescribeClientQuotas,
  ['DescribeConfigs Cluster'],
  (request, context) => {
    const refusal = clusterRefusal(context, 'DescribeConfigs') ?? problemOf(request.components)
    if (refusal !== undefined) {
      const { error, message } = refusal
      return { errorCode: errorCode(error), errorMessage: message, entries: null }
    }
    const all = [...context.broker.metadata.image.clientQuotas.values()]
    return {
      errorCode: 0,
      errorMessage: null,
      entries: all
        .filter(({ entity }) => isMatched(entity, request))
        .map(({ entity, values }) => ({
          entity,
          values: [...values].map(([key, value]) => ({ key, value })),
        })),
    }
  },
)

/** A strict filter wants no other part than those that it names. */
function isMatched(entity: QuotaEntity, { components, strict }: Request): boolean {
  if (strict && entity.length !== components.length) return false
  return components.every(({ entityType, matchType, match }) => {
    const part = entity.find(one => one.entityType === entityType)
    if (part === undefined) return false
    if (matchType === MATCH.ANY) return true
    return part.entityName === (matchType === MATCH.DEFAULT ? null : match)
  })
}

function problemOf(components: readonly Component[]): Refusal | undefined {
  const types = new Set<string>()
  for (const component of components) {
    const { entityType } = component
    if (entityType === '') return invalid('A part of the filter has no type.')
    if (types.has(entityType)) return invalid('The filter has two parts of the same type.')
    types.add(entityType)
    if (!isQuotaEntityType(entityType)) {
      return {
        error: 'UNSUPPORTED_VERSION',
        message: `There are no entities of the type ${JSON.stringify(entityType.slice(0, 80))}; expected user, client-id or ip.`,
      }
    }
    const message = matchProblem(component)
    if (message !== undefined) return invalid(message)
  }
  if (types.has('ip') && types.size > 1) {
    return invalid('An ip cannot be combined with a user or a client-id.')
  }
  return undefined
}

function matchProblem({ matchType, match }: Component): string | undefined {
  if (matchType === MATCH.EXACT) {
    return match === null ? 'The filter wants a name (match type 0) and has none.' : undefined
  }
  if (matchType !== MATCH.DEFAULT && matchType !== MATCH.ANY) {
    return `The filter has the match type ${matchType}; expected 0 (name), 1 (default) or 2 (any).`
  }
  return match === null ? undefined : 'The filter has a name, and a match type that takes none.'
}

function invalid(message: string): Refusal {
  return { error: 'INVALID_REQUEST', message }
}
