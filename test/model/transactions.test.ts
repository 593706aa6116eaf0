import { expect, it } from 'vitest'
import { prove } from './transactions.ts'

it('keeps the laws of transactions on random walks (a slice of `npm run prove -- transactions`)', async () => {
  const lines: string[] = []
  const slice = { rounds: 1, walksPerRound: 15, seed: 20_260_101 }
  await prove({ ...slice, log: line => lines.push(line) })
  expect(lines.join()).toMatch(/^15 walks, .* restarts/)
}, 60_000)
