import { existsSync } from 'node:fs'
import { expect, it } from 'vitest'
import { commands } from '../../../packages/admin/src/commands.ts'
import { newParser } from '../../../packages/admin/src/run.ts'
import type { Terminal } from '../../../packages/admin/src/terminal.ts'

it('commands are all there, each in a file of its own name', async () => {
  const parser = newParser({ columns: 100 })
  for (const register of commands) register(parser, {} as Terminal)
  const nouns: readonly (readonly string[])[] = [
    ['start'],
    ['produce'],
    ['consume'],
    ...['create', 'list', 'describe', 'alter', 'add-partitions', 'delete'].map(verb => [
      'topics',
      verb,
    ]),
    ...['list', 'describe', 'members', 'reset-offsets', 'delete-offsets', 'delete'].map(verb => [
      'groups',
      verb,
    ]),
    ['configs', 'describe'],
    ['configs', 'set'],
    ['log', 'dump'],
    ['log', 'verify'],
  ]
  const help = await parser.getHelp()
  for (const words of nouns) {
    expect(help).toContain(words[0])
    const file = new URL(
      `../../../packages/admin/src/commands/${words.join('-')}.ts`,
      import.meta.url,
    )
    expect([words, existsSync(file)]).toEqual([words, true])
  }
})
