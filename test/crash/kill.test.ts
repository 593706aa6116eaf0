import { expect, it } from 'vitest'
import { prove } from './kill.ts'

it('loses, repeats and reorders nothing when the broker is killed in the middle of produces', async () => {
  const rounds = 2
  expect(await prove({ rounds, seed: 20_261_121, log: () => undefined })).toEqual({
    passed: rounds,
    failed: 0,
  })
}, 240_000)
