import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { murmur2, partitionOfKey } from '../../../../packages/client/src/producer/murmur2.ts'

interface Vector {
  readonly keyUtf8?: string
  readonly keyHex?: string
  readonly murmur2: number
  readonly partitionOf3: number
  readonly partitionOf10: number
  readonly partitionOf100: number
}

const file = new URL('../../../golden/murmur2.json', import.meta.url)
const { vectors } = JSON.parse(readFileSync(file, 'utf8')) as { vectors: readonly Vector[] }

describe('murmur2', () => {
  it.each(vectors)('hashes $keyUtf8$keyHex as the Java client does', vector => {
    const key =
      vector.keyHex === undefined
        ? Buffer.from(vector.keyUtf8 ?? '')
        : Buffer.from(vector.keyHex, 'hex')
    expect(murmur2(key)).toBe(vector.murmur2)
    expect(partitionOfKey(key, 3)).toBe(vector.partitionOf3)
    expect(partitionOfKey(key, 10)).toBe(vector.partitionOf10)
    expect(partitionOfKey(key, 100)).toBe(vector.partitionOf100)
  })
})
