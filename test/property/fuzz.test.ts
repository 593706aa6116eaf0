import { expect, it } from 'vitest'
import { prove } from './fuzz.ts'

it('reads damaged bytes, or refuses them with a named error (a slice of `npm run prove -- fuzz`)', async () => {
  const lines: string[] = []
  await prove({ rounds: 1, seed: 20_260_101, log: line => lines.push(line) })
  expect(lines).toHaveLength(1)
  expect(lines[0]).toMatch(/^round 1: \d{5,} cases, \d{4,} refused$/)
})
