import { expect, it } from 'vitest'
import { transactionStage } from '../../../support/transaction-stage.ts'
import { runCommand } from '../../../support/varve-command.ts'

it('transactions list shows the ids, or those in a state, of a producer, open for a time or with a name', async () => {
  await using stage = await transactionStage()
  const list = (...args: readonly string[]) =>
    runCommand(['transactions', 'list', ...args, ...stage.at])
  expect(await list()).toEqual({ code: 0, output: 'There are no such transactions.\n', said: '' })
  await stage.commit('done')
  await stage.leaveOpen('open')
  const text = (await list()).output.split('\n')
  expect(text[0]).toBe('TRANSACTIONAL ID  STATE           PRODUCER  COORDINATOR')
  expect(text[2]).toMatch(/^open {14}Ongoing +\d+ +1$/)
  const names = async (...args: readonly string[]) =>
    (JSON.parse((await list('--json', ...args)).output) as { transactionalId: string }[]).map(
      ({ transactionalId }) => transactionalId,
    )
  expect(await names()).toEqual(['done', 'open'])
  expect(await names('--state', 'Ongoing')).toEqual(['open'])
  expect(await names('--id-pattern', 'd.*')).toEqual(['done'])
  expect(await names('--open-for', '1h')).toEqual([])
  const [first] = await stage.admin.listTransactions()
  expect(await names('--producer-id', String(first?.producerId))).toEqual(['done'])
  const wrong = await list('--open-for', 'long')
  expect([wrong.code, wrong.said]).toEqual([2, expect.stringContaining('--open-for is "long"')])
})
