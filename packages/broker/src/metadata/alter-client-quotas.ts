/** Decides which quotas of clients are set and taken back (KIP-546). Each entity succeeds or fails as a whole. */
import type { Amendment } from './amend.ts'
import type { MetadataChange, QuotaEntity } from './change.ts'
import { CHANGES_PER_REQUEST_MAX, TOO_MANY_CHANGES } from './changes-per-request.ts'
import type { MetadataImage } from './image.ts'
import type { Refusal } from './new-partitions.ts'
import { orderedEntity, quotaEntityKey, quotaEntityProblem } from './quota-entity.ts'

export interface WantedQuotas {
  readonly entity: QuotaEntity
  readonly ops: readonly {
    readonly key: string
    readonly value: number
    readonly remove: boolean
  }[]
}

export type QuotasAltered = { readonly error: 'NONE' } | Refusal

/** One outcome for each entity, in order. An entity that is named twice is the caller's to refuse. */
export function alterClientQuotas(
  image: MetadataImage,
  wanted: readonly WantedQuotas[],
): Amendment<readonly QuotasAltered[]> {
  const changes: MetadataChange[] = []
  const outcome = wanted.map((quotas): QuotasAltered => {
    if (changes.length + quotas.ops.length > CHANGES_PER_REQUEST_MAX) return TOO_MANY_CHANGES
    const message = problemOf(quotas)
    if (message !== undefined) return { error: 'INVALID_REQUEST', message }
    const entity = orderedEntity(quotas.entity)
    const current = image.clientQuotas.get(quotaEntityKey(entity))?.values
    for (const { key, value, remove } of quotas.ops) {
      if (remove ? !current?.has(key) : current?.get(key) === value) continue
      changes.push({ type: 'ClientQuotaRecord', entity, key, value: remove ? 0 : value, remove })
    }
    return { error: 'NONE' }
  })
  return { outcome, changes }
}

/** What a quota may be: `whole` counts bytes or connections, up to the bound; the others are any positive number. */
interface QuotaKind {
  readonly whole: boolean
  readonly most: number
}

const INT_MAX = 2 ** 31 - 1
const LONG_MAX = 2 ** 63

const ofClients: ReadonlyMap<string, QuotaKind> = new Map([
  ['producer_byte_rate', { whole: true, most: LONG_MAX }],
  ['consumer_byte_rate', { whole: true, most: LONG_MAX }],
  ['request_percentage', { whole: false, most: Number.MAX_VALUE }],
  ['controller_mutation_rate', { whole: false, most: Number.MAX_VALUE }],
])

const ofAddresses: ReadonlyMap<string, QuotaKind> = new Map([
  ['connection_creation_rate', { whole: true, most: INT_MAX }],
])

function problemOf({ entity, ops }: WantedQuotas): string | undefined {
  const entityProblem = quotaEntityProblem(entity)
  if (entityProblem !== undefined) return entityProblem
  const kinds = entity.some(({ entityType }) => entityType === 'ip') ? ofAddresses : ofClients
  const named = new Set<string>()
  for (const { key, value, remove } of ops) {
    if (named.has(key)) return `The quota ${JSON.stringify(key.slice(0, 80))} is given twice.`
    named.add(key)
    // What is taken back may be anything: an older version may have set it.
    if (remove) continue
    const kind = kinds.get(key)
    if (kind === undefined) {
      return `There is no quota ${JSON.stringify(key.slice(0, 80))} for this entity; expected ${[...kinds.keys()].join(', ')}.`
    }
    if (!(value > 0)) return `The quota ${key} has ${value}; expected more than 0.`
    if (value > kind.most) return `The quota ${key} has ${value}; expected at most ${kind.most}.`
    if (kind.whole && !Number.isInteger(value)) {
      return `The quota ${key} has ${value}; expected an integer.`
    }
  }
  return undefined
}
