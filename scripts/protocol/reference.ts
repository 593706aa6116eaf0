import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A field in Kafka's schema language, as far as we compare it. */
export interface ReferenceField {
  readonly name: string
  readonly type: string
  readonly versions: string
  readonly nullableVersions?: string
  readonly taggedVersions?: string
  readonly flexibleVersions?: string
  readonly tag?: number
  readonly default?: string | number | boolean | null
  readonly ignorable?: boolean | string
  readonly fields?: readonly ReferenceField[]
}

/** A message in Kafka's schema language. */
export interface ReferenceMessage {
  readonly name: string
  readonly apiKey?: number
  readonly validVersions: string
  readonly flexibleVersions: string
  readonly latestVersionUnstable?: boolean
  readonly fields: readonly ReferenceField[]
  readonly commonStructs?: readonly { name: string; fields: readonly ReferenceField[] }[]
}

/** Reads the schemas below the directories; a file in a later directory replaces the one of the same path in an earlier. */
export const readReference = (
  directories: readonly string[],
): ReadonlyMap<string, ReferenceMessage> => {
  const files = new Map<string, string>()
  for (const directory of directories) {
    for (const path of readdirSync(directory, { recursive: true, encoding: 'utf8' })) {
      if (path.endsWith('.json')) files.set(path, join(directory, path))
    }
  }
  const messages = [...files.values()].map(file => parseSchema(readFileSync(file, 'utf8')))
  return new Map(messages.map(message => [message.name, message]))
}

/** Kafka's own files have comment lines. */
const parseSchema = (text: string): ReferenceMessage =>
  JSON.parse(text.replaceAll(/^\s*\/\/.*$/gm, '')) as ReferenceMessage

/** The versions that a range such as `3`, `3-5`, `3+` or `none` holds. */
export const versionRange = (text: string | undefined): readonly [first: number, last: number] => {
  const match = /^(\d+)(?:(\+)|-(\d+))?$/.exec(text ?? 'none')
  if (match === null) return [0, -1]
  const first = Number(match[1])
  return [first, match[2] === '+' ? Number.POSITIVE_INFINITY : Number(match[3] ?? first)]
}

export const hasVersion = (text: string | undefined, version: number): boolean => {
  const [first, last] = versionRange(text)
  return version >= first && version <= last
}

/** The fields of the structs that messages name, wherever they are defined. */
export const structsOf = (
  message: ReferenceMessage,
): ReadonlyMap<string, readonly ReferenceField[]> => {
  const structs = new Map<string, readonly ReferenceField[]>()
  const add = (fields: readonly ReferenceField[]): void => {
    for (const field of fields) {
      if (field.fields === undefined) continue
      structs.set(field.type.replace('[]', ''), field.fields)
      add(field.fields)
    }
  }
  for (const { name, fields } of message.commonStructs ?? []) {
    structs.set(name, fields)
    add(fields)
  }
  add(message.fields)
  return structs
}
