import { expect, it } from 'vitest'
import { CommandError } from '../../../packages/admin/src/command-error.ts'
import { confirm } from '../../../packages/admin/src/confirm.ts'
import type { Terminal } from '../../../packages/admin/src/terminal.ts'

const question = {
  losses: ['a: all of it', 'b: half'],
  that: 'it may be lost',
  question: 'Lose it?',
  otherwise: 'Nothing was lost',
}

function terminal(answer: string | undefined) {
  const said: string[] = []
  const fake = {
    isInteractive: answer !== undefined,
    say: (line: string) => void said.push(line),
    ask: (text: string) => {
      said.push(text)
      return Promise.resolve(answer ?? '')
    },
  } as unknown as Terminal
  return { said, fake }
}

it('confirm says what would be lost, and takes yes for a yes only', async () => {
  const sure = terminal(' YES\n')
  await confirm(question, sure.fake)
  expect(sure.said).toEqual(['a: all of it', 'b: half', 'Lose it? Type yes: '])
  await expect(confirm(question, terminal('y').fake)).rejects.toThrow('Nothing was lost')
})

it('confirm refuses where nobody is, and names the ways out', async () => {
  const nobody = terminal(undefined)
  const refused = confirm(question, nobody.fake)
  await expect(refused).rejects.toThrow(CommandError)
  await expect(refused).rejects.toThrow(/it may be lost; say --yes, or --dry-run/)
})
