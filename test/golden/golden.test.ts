import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { checkFormats, type FormatVectors } from '../../scripts/protocol/formats/check.ts'
import { messagesByName } from '../../scripts/protocol/messages.ts'
import { outOfScope } from '../../scripts/protocol/scope.ts'
import { checkVector, parseVectors } from '../../scripts/protocol/vectors.ts'

/**
 * The vectors were made, and read back, with the classes that Kafka generates from its schemas: for every message and
 * version one with nothing set (`min`) and one with everything set (`full`).
 */
const textOf = (file: string): string => readFileSync(new URL(file, import.meta.url), 'utf8')
const vectors = ['messages.jsonl', 'records.jsonl'].flatMap(file => parseVectors(textOf(file)))

describe('golden bytes', () => {
  it('are read and written alike by both codecs', () => {
    const problems = vectors.flatMap(vector =>
      checkVector(vector).map(problem => `${vector.name} v${vector.version}: ${problem}`),
    )
    expect(problems).toEqual([])
  })

  it('belong to tables that we have', () => {
    const stray = vectors.filter(({ name, version }) => outOfScope(name, version) !== undefined)
    expect(stray.map(vector => vector.name)).toEqual([])
  })

  it('exist for every version of every table', () => {
    const known = new Set(vectors.map(({ name, version }) => `${name} v${version}`))
    const missing: string[] = []
    for (const [name, { versions }] of messagesByName) {
      for (let version = versions[0]; version <= versions[1]; version++) {
        if (!known.has(`${name} v${version}`)) missing.push(`${name} v${version}`)
      }
    }
    expect(missing).toEqual([])
  })

  it('catch a field that is read as something else', () => {
    const vector = vectors.find(({ name, variant }) => name === 'TopicRecord' && variant === 'full')
    if (vector === undefined) throw new Error('there is no vector to change')
    expect(
      checkVector({ ...vector, json: { ...(vector.json as object), name: 'other' } }),
    ).toHaveLength(2)
    expect(checkVector({ ...vector, hex: `${vector.hex}00` })).not.toEqual([])
  })
})

describe('golden formats', () => {
  it('are read as stated, and written alike where the writer has no choice', () => {
    const batches = JSON.parse(textOf('record-batches.json'))
    const { vectors: murmur2 } = JSON.parse(textOf('murmur2.json'))
    const formats = JSON.parse(textOf('formats.json'))
    const results = checkFormats({ ...batches, ...formats, murmur2 } as FormatVectors)
    expect(results.flatMap(({ problems }) => problems)).toEqual([])
    expect(Object.fromEntries(results.map(({ name, passed }) => [name, passed]))).toEqual({
      'record batches': 46,
      'storage files': 7,
      'requests of real clients': 6,
      murmur2: 13,
      'CRC-32C': 4,
      varint32: 14,
      varint64: 8,
      'unsigned varint32': 8,
      SCRAM: 2,
    })
    expect(results[0]?.writtenAlike).toBeGreaterThanOrEqual(20)
  })
})
