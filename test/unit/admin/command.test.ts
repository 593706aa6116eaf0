import { describe, expect, it } from 'vitest'
import { lazyCommand, noun } from '../../../packages/admin/src/command.ts'
import { newParser } from '../../../packages/admin/src/run.ts'
import type { Terminal } from '../../../packages/admin/src/terminal.ts'

describe('lazyCommand', () => {
  it('is loaded when it is called, and not before', async () => {
    let loads = 0
    const said: unknown[] = []
    const greet = lazyCommand<{ name: string; loud: boolean }>(
      'greet <name>',
      'Greet',
      async () => {
        loads++
        return {
          options: inner => inner.option('loud', { type: 'boolean', default: false }),
          run: async ({ name, loud }, terminal) => void said.push(name, loud, terminal),
        }
      },
    )
    const terminal = {} as Terminal
    const parser = newParser({ columns: 100 })
    noun('people', 'People', [greet])(parser, terminal)
    await parser.getHelp()
    expect(loads).toBe(0)
    await parser.parseAsync(['people', 'greet', 'ann', '--loud'])
    expect(loads).toBeGreaterThan(0)
    expect(said).toEqual(['ann', true, terminal])
  })
})
