import { expect, it } from 'vitest'
import { runOrExplain } from './explain.ts'

const RUNS = 150

it('keeps what it promised when the power goes (a slice of `npm run prove -- power-loss`)', async () => {
  let steps = 0
  for (let seed = 1; seed <= RUNS; seed++) steps += (await runOrExplain(seed)).steps
  expect(steps).toBeGreaterThan(RUNS * 30)
}, 120_000)
