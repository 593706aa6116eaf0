import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { messagesByName } from '../../scripts/protocol/messages.ts'
import { checkVector, isInScope, parseVectors } from '../../scripts/protocol/vectors.ts'

/**
 * The vectors were made, and read back, with the classes that Kafka generates from its schemas: for every message and
 * version one with nothing set (`min`) and one with everything set (`full`).
 */
const vectors = ['messages.jsonl', 'records.jsonl'].flatMap(file =>
  parseVectors(readFileSync(new URL(file, import.meta.url), 'utf8')),
)

describe('golden bytes', () => {
  it('are read and written alike by both codecs', () => {
    const problems = vectors.flatMap(vector =>
      checkVector(vector).map(problem => `${vector.name} v${vector.version}: ${problem}`),
    )
    expect(problems).toEqual([])
  })

  it('belong to tables that we have', () => {
    expect(vectors.filter(vector => !isInScope(vector)).map(vector => vector.name)).toEqual([])
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
