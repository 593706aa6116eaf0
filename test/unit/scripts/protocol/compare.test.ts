import { array, int32, message, nullableString, string } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { compareTable, compareVersion } from '../../../../scripts/protocol/compare.ts'
import type { ReferenceField } from '../../../../scripts/protocol/reference.ts'

const referenceFields: readonly ReferenceField[] = [
  { name: 'Name', type: 'string', versions: '0+' },
  { name: 'Note', type: 'string', versions: '1+', nullableVersions: '1+', default: 'null' },
  { name: 'Leader', type: 'int32', versions: '1+', taggedVersions: '1+', tag: 0, default: '-1' },
  {
    name: 'Parts',
    type: '[]Part',
    versions: '0+',
    fields: [{ name: 'Index', type: 'int32', versions: '0+' }],
  },
  { name: 'Long', type: 'string', versions: '5+' },
]
const reference = {
  name: 'Example',
  validVersions: '0-1',
  flexibleVersions: '1+',
  fields: referenceFields,
}
const fields = {
  name: string,
  note: nullableString.since(1).orElse(null),
  leader: int32.since(1).tagged(0).orElse(-1),
  parts: array({ index: int32 }),
}

const differences = (ours: typeof fields | object): readonly string[] => {
  const table = { name: 'Example', versions: [0, 1], flexible: 1 } as const
  const ourMessage = message({ ...table, fields: { ...fields, ...ours } })
  return [0, 1].flatMap(version => compareVersion(ourMessage, reference, version))
}

describe('the comparison with the reference', () => {
  it('finds nothing when a table is right', () => {
    expect(differences({})).toEqual([])
  })

  it('finds each way in which a field can be wrong', () => {
    const wrong: Readonly<Record<string, object>> = {
      type: { name: int32 },
      nullable: { name: nullableString },
      standIn: { leader: int32.since(1).tagged(0) },
      place: { leader: int32.since(1).tagged(1).orElse(-1) },
      ignorable: { note: nullableString.since(1).orElse(null).ignorable() },
      classic: { name: string.classic() },
      'note: place is plain': { note: nullableString.orElse(null) },
      'parts.index: type': { parts: array({ index: string }) },
      'not in the reference': { extra: int32 },
      'parts.index is missing': { parts: array({ other: int32 }) },
    }
    for (const [what, ours] of Object.entries(wrong)) {
      expect(differences(ours).join('\n')).toContain(what)
    }
  })

  it('finds fields in another order', () => {
    const { name, ...rest } = fields
    const table = { name: 'Example', versions: [0, 1], flexible: 1 } as const
    const ours = message({ ...table, fields: { ...rest, name } })
    expect(compareVersion(ours, reference, 0).join()).toContain('{} has the fields parts name')
  })

  it('finds other versions, and knows that an unstable latest version is left out', () => {
    const ours = message({ name: 'Example', versions: [0, 1], flexible: 1, fields })
    expect(compareTable(ours, reference, 'stable')).toEqual([])
    expect(compareTable(ours, { ...reference, validVersions: '0-2' }, 'unstable')).toEqual([])
    expect(compareTable(ours, { ...reference, validVersions: '0-2' }, 'stable')).toHaveLength(1)
    expect(compareTable(ours, { ...reference, flexibleVersions: 'none' }, 'stable')).toHaveLength(1)
  })
})
