/** Entities of quotas: what makes two of them the same, and what may have a quota at all. */
import type { QuotaEntity } from './change.ts'

/** The parts in the order of their types, as the log and the image have them. */
export function orderedEntity(entity: QuotaEntity): QuotaEntity {
  return entity
    .map(({ entityType, entityName }) => ({ entityType, entityName }))
    .sort((one, other) => (one.entityType < other.entityType ? -1 : 1))
}

/** Equal for the same entity, in whatever order its parts are named. */
export function quotaEntityKey(entity: QuotaEntity): string {
  return JSON.stringify(orderedEntity(entity).map(part => [part.entityType, part.entityName]))
}

/** Why nothing of this kind can have a quota; undefined when it can. */
export function quotaEntityProblem(entity: QuotaEntity): string | undefined {
  if (entity.length === 0) return 'The entity is empty; expected a user, a client-id or an ip.'
  const types = entity.map(({ entityType }) => entityType)
  for (const type of types) {
    if (!isQuotaEntityType(type)) {
      return `The entity has the type ${JSON.stringify(type)}; expected user, client-id or ip.`
    }
  }
  if (new Set(types).size < types.length) return 'The entity has two parts of the same type.'
  if (types.includes('ip') && types.length > 1) {
    return 'An ip cannot be combined with a user or a client-id.'
  }
  for (const { entityType, entityName } of entity) {
    if (entityName === '') return `The name of the ${entityType} is empty.`
    if (entityType === 'ip' && entityName !== null && !isAddress(entityName)) {
      return `The ip has ${JSON.stringify(entityName.slice(0, 80))}; expected an address or a host name.`
    }
  }
  return undefined
}

export function isQuotaEntityType(type: string): boolean {
  return type === 'user' || type === 'client-id' || type === 'ip'
}

const IPV6_CHARACTERS = /^[0-9a-f:.]{2,45}(%[0-9a-z]{1,15})?$/i
const HOST_NAME_CHARACTERS_MAX = 253

/** By its form alone: the broker does not ask a name server. */
function isAddress(text: string): boolean {
  if (text.length > HOST_NAME_CHARACTERS_MAX) return false
  return text.includes(':') ? IPV6_CHARACTERS.test(text) : isHostName(text)
}

function isHostName(text: string): boolean {
  return text.split('.').every(label => /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i.test(label))
}
