import { Buffer } from 'node:buffer'
import { bitsOf, INT64_MAX, type StructLayout, standInOf, type ValueLayout } from '@varve/protocol'

/** What Kafka 4.4, which made the vectors, calls fields of 4.2. The bytes are the same. */
const laterNames: Readonly<Record<string, string>> = {
  acceptableRecoveryLag: 'acceptableRecoveryLagLegacy',
  generationId: 'generationIdOrMemberEpoch',
}

/** Tagged fields that came after Kafka 4.2. */
const laterFields: ReadonlySet<string> = new Set([
  'assignmentEpochs',
  'assignmentTimestamp',
  'failedDescriptionTopologyEpoch',
  'storedDescriptionTopologyEpoch',
])

/** Whether Kafka's JSON form of a message has, at any depth, a field that came after Kafka 4.2. */
export const hasLaterField = (json: unknown): boolean => {
  if (typeof json !== 'object' || json === null) return false
  return Object.entries(json).some(([name, value]) => laterFields.has(name) || hasLaterField(value))
}

/**
 * Makes a value of ours from Kafka's JSON form of a message: bytes are base64, and what the form leaves out keeps its
 * stand-in. A name that the table does not have in this version is an error.
 */
export const structFromJson = (layout: StructLayout, json: unknown): Record<string, unknown> => {
  const given = new Map(Object.entries(json as object))
  const struct: Record<string, unknown> = {}
  for (const field of layout.fields) {
    const name = given.has(field.name) ? field.name : (laterNames[field.name] ?? field.name)
    const present = field.place !== 'absent' && given.has(name)
    struct[field.name] = present ? valueFromJson(field.value, given.get(name)) : standInOf(field)
    if (present) given.delete(name)
  }
  for (const name of given.keys()) {
    if (!laterFields.has(name)) throw new Error(`the table has no field ${name} here`)
  }
  return struct
}

const valueFromJson = (value: ValueLayout, json: unknown): unknown => {
  if (json === null) return null
  switch (value.kind) {
    case 'struct':
      return structFromJson(value.struct, json)
    case 'array':
      return (json as unknown[]).map(element => valueFromJson(value.element, element))
    case 'bytes':
    case 'records':
      return Buffer.from(json as string, 'base64')
    case 'string':
      return json
    case 'scalar':
      if (value.type === 'int64Bits')
        return bitsOf(Math.floor((json as number) / 2 ** 32), (json as number) >>> 0)
      return value.type === 'int64OrMax' && json === 2 ** 63 ? INT64_MAX : json
  }
}
