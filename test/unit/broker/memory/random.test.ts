import { expect, it } from 'vitest'
import { memoryRandom } from '../../../../packages/broker/src/memory/random.ts'

it('gives the same numbers for the same seed, spread over what was asked for', () => {
  const [one, same, other] = [memoryRandom(1), memoryRandom(1), memoryRandom(2)]
  expect(one.bytes(8)).toEqual(same.bytes(8))
  expect(one.bytes(8)).not.toEqual(other.bytes(8))
  const counts = [0, 0, 0]
  for (let index = 0; index < 3000; index++) counts[one.below(3)]!++
  for (const count of counts) expect(count).toBeGreaterThan(900)
})
