import { expect, it } from 'vitest'
import { print } from '../../../packages/admin/src/print.ts'
import type { Terminal } from '../../../packages/admin/src/terminal.ts'

it('print writes JSON when asked, else text', async () => {
  const written: string[] = []
  const terminal = { write: async (text: string) => void written.push(text) } as unknown as Terminal
  const result = { data: [{ a: 1 }], text: () => 'a is 1\n' }
  await print({ json: true }, terminal, result)
  await print({ json: false }, terminal, result)
  await print({ json: true }, terminal, { data: '\u009b', text: () => '' })
  await print({ json: false }, terminal, { data: '', text: () => '\u001b[2J\n' })
  expect(written.splice(2)).toEqual(['"\\u009b"\n', '\\u001b[2J\n'])
  expect(written).toEqual(['[\n  {\n    "a": 1\n  }\n]\n', 'a is 1\n'])
})
