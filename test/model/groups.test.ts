import { expect, it } from 'vitest'
import { prove, WALKS_PER_ROUND } from './groups.ts'

it('keeps the laws of groups on random walks (a slice of `npm run prove -- groups`)', async () => {
  const lines: string[] = []
  await prove({ rounds: 1, seed: 20_260_101, log: line => lines.push(line) })
  expect(lines.join()).toMatch(new RegExp(`^${WALKS_PER_ROUND} walks, .* answers`))
}, 60_000)
