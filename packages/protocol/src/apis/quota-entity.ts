import { nullableString, string } from '../schema/index.ts'

/** A part of what a quota is for: a kind (user, client-id, ip) and a name, null for the default of the kind (KIP-546). */
export const quotaEntity = { entityType: string, entityName: nullableString }
