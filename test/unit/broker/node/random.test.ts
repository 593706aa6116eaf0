import { expect, it } from 'vitest'
import { nodeRandom } from '../../../../packages/broker/src/node/random.ts'

it('gives as many bytes as asked for, and integers below the bound', () => {
  expect(nodeRandom.bytes(16)).toHaveLength(16)
  expect(nodeRandom.below(1)).toBe(0)
  const drawn = new Set(Array.from({ length: 500 }, () => nodeRandom.below(4)))
  expect([...drawn].sort()).toEqual([0, 1, 2, 3])
})
