import { expect, it } from 'vitest'
import { tryAll } from './torn.ts'

it('comes back as what is whole of it, or says that it is damaged (a slice of `npm run prove -- torn`)', async () => {
  const lines: string[] = []
  const cases = await tryAll({ step: 97, log: line => lines.push(line) })
  expect(cases).toBeGreaterThan(500)
  expect(lines.join('\n')).toMatch(/no checksum covers/)
}, 120_000)
