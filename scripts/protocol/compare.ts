import {
  type AnyMessage,
  type FieldSpec,
  type Fields,
  INT64_MAX,
  type Shape,
  ZERO_UUID,
} from '@varve/protocol'
import {
  hasVersion,
  type ReferenceField,
  type ReferenceMessage,
  structsOf,
  versionRange,
} from './reference.ts'

type Structs = ReadonlyMap<string, readonly ReferenceField[]>

/** What both sides say of a field in one version, in the same words. */
interface Facts {
  readonly type: string
  readonly place: string
  readonly nullable: boolean
  readonly standIn: string
  readonly ignorable: boolean | undefined
  readonly classic: boolean
}

/** The differences of a table as a whole: key, versions, first flexible version. */
export const compareTable = (
  message: AnyMessage,
  reference: ReferenceMessage,
  latest: 'stable' | 'unstable',
): string[] => {
  const differences: string[] = []
  const differ = (what: string, ours: unknown, theirs: unknown): void => {
    if (ours !== theirs)
      differences.push(`${what} is ${String(ours)}, the reference has ${String(theirs)}`)
  }
  const [first, last] = versionRange(reference.validVersions)
  differ('first version', message.versions[0], first)
  differ('last version', message.versions[1], latest === 'unstable' ? last - 1 : last)
  const [flexible, lastFlexible] = versionRange(reference.flexibleVersions)
  differ('first flexible version', message.flexible, lastFlexible < 0 ? undefined : flexible)
  if (message.key !== undefined) differ('key', message.key, reference.apiKey)
  return differences
}

/** The differences between a table and the reference in one version. */
export const compareVersion = (
  message: AnyMessage,
  reference: ReferenceMessage,
  version: number,
): string[] =>
  compareFields(message.fields, reference.fields, {
    path: '',
    version,
    range: message.versions,
    structs: structsOf(reference),
  })

interface Place {
  readonly path: string
  readonly version: number
  readonly range: readonly [first: number, last: number]
  readonly structs: Structs
}

const compareFields = (ours: Fields, theirs: readonly ReferenceField[], place: Place): string[] => {
  const { version, range } = place
  const relevant = theirs.filter(field => overlaps(field, range))
  const theirsByName = new Map(relevant.map(field => [camelCase(field.name), field]))
  const differences = compareOrder(ours, relevant, place)
  for (const [name, field] of theirsByName) {
    if (ours[name] === undefined) differences.push(`${place.path}${name} is missing`)
    else
      differences.push(
        ...compareField(ours[name].spec, field, { ...place, path: place.path + name }),
      )
  }
  for (const name of Object.keys(ours)) {
    if (!theirsByName.has(name)) differences.push(`${place.path}${name} is not in the reference`)
  }
  return differences.map(text => (place.path === '' ? `v${version} ${text}` : text))
}

const overlaps = (field: ReferenceField, range: Place['range']): boolean => {
  const [first, last] = versionRange(field.versions)
  return first <= range[1] && last >= range[0]
}

/** Untagged fields travel in the order of the table. */
const compareOrder = (ours: Fields, theirs: readonly ReferenceField[], place: Place): string[] => {
  const { version, path } = place
  const our = Object.entries(ours)
    .filter(([, { spec }]) => ourPlace(spec, version) === 'plain')
    .map(([name]) => name)
    .join(' ')
  const their = theirs
    .filter(field => theirPlace(field, version) === 'plain')
    .map(field => camelCase(field.name))
    .join(' ')
  return our === their ? [] : [`${path}{} has the fields ${our}; the reference has ${their}`]
}

const compareField = (spec: FieldSpec, field: ReferenceField, place: Place): string[] => {
  const { version, path, structs } = place
  const our = ourFacts(spec, version)
  const their = theirFacts(field, version, structs)
  const differences = (Object.keys(our) as (keyof Facts)[])
    .filter(fact => our[fact] !== their[fact])
    .map(
      fact => `${path}: ${fact} is ${String(our[fact])}, the reference has ${String(their[fact])}`,
    )
  const inner = fieldsWithin(spec.shape)
  const reference = structs.get(field.type.replace('[]', ''))
  if (inner === undefined || reference === undefined || our.place === 'absent') return differences
  return [...differences, ...compareFields(inner, reference, { ...place, path: `${path}.` })]
}

const fieldsWithin = (shape: Shape): Fields | undefined => {
  if (shape.type === 'struct') return shape.fields
  return shape.type === 'array' ? fieldsWithin(shape.element.shape) : undefined
}

const ourPlace = (spec: FieldSpec, version: number): string => {
  if (version < spec.first || version > spec.last) return 'absent'
  return spec.tag === undefined ? 'plain' : `tag ${spec.tag}`
}

const theirPlace = (field: ReferenceField, version: number): string => {
  if (!hasVersion(field.versions, version)) return 'absent'
  return hasVersion(field.taggedVersions, version) ? `tag ${field.tag}` : 'plain'
}

const ourFacts = (spec: FieldSpec, version: number): Facts => {
  const place = ourPlace(spec, version)
  return {
    type: ourType(spec.shape),
    place,
    nullable: place !== 'absent' && spec.nullableFrom !== undefined && version >= spec.nullableFrom,
    standIn: JSON.stringify(spec.absent === INT64_MAX ? 'max' : (spec.absent ?? own(spec))),
    ignorable: place === 'absent' ? spec.ignorable : undefined,
    classic: spec.classic,
  }
}

const theirFacts = (field: ReferenceField, version: number, structs: Structs): Facts => {
  const place = theirPlace(field, version)
  const isStruct = structs.has(field.type.replace('[]', ''))
  const type = isStruct ? (field.type.startsWith('[]') ? '[]struct' : 'struct') : field.type
  return {
    type,
    place,
    nullable: place !== 'absent' && hasVersion(field.nullableVersions, version),
    standIn: JSON.stringify(theirStandIn(field, type)),
    ignorable: place === 'absent' ? String(field.ignorable) === 'true' : undefined,
    classic: field.flexibleVersions === 'none',
  }
}

const ourType = (shape: Shape): string => {
  if (shape.type === 'array') return `[]${ourType(shape.element.shape)}`
  if (shape.type === 'int64OrMax' || shape.type === 'int64Bits') return 'int64'
  return shape.type === 'boolean' ? 'bool' : shape.type
}

/** `null` written out where nothing says otherwise, in the words of `ownOf`. */
const own = (spec: FieldSpec): unknown => (spec.absent === null ? null : ownOf(ourType(spec.shape)))

const ownOf = (type: string): unknown => {
  if (type.startsWith('[]')) return 'empty'
  if (type === 'string') return ''
  if (type === 'bool') return false
  if (type === 'uuid') return ZERO_UUID
  return ['bytes', 'records', 'struct'].includes(type) ? 'empty' : 0
}

const theirStandIn = (field: ReferenceField, type: string): unknown => {
  if (field.default === undefined) return ownOf(type)
  const text = String(field.default)
  if (text === 'null') return null
  if (type === 'bool') return text.toLowerCase() === 'true'
  if (type === 'string') return text
  return text === '9223372036854775807' ? 'max' : Number(text)
}

const camelCase = (name: string): string => name.charAt(0).toLowerCase() + name.slice(1)
