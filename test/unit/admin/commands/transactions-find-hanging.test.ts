import { afterEach, expect, it, vi } from 'vitest'
import { Connection } from '../../../../packages/client/src/network/connection.ts'
import { TransactionRequests } from '../../../../packages/client/src/transaction/transaction-requests.ts'
import { transactionStage } from '../../../support/transaction-stage.ts'
import { runCommand } from '../../../support/varve-command.ts'

afterEach(() => vi.restoreAllMocks())

it('transactions find-hanging finds what no coordinator knows of, and abort ends it', async () => {
  await using stage = await transactionStage({
    'transaction.partition.verification.enable': 'false',
  })
  const run = (...args: readonly string[]) => runCommand(['transactions', ...args, ...stage.at])
  await stage.leaveOpen('known')
  expect((await run('find-hanging', '--open-for', '0s')).output).toBe('No transaction hangs.\n')
  // A batch of v1 whose partition was never added, as one that arrives after the end of its transaction.
  vi.spyOn(Connection.prototype, 'featureLevel').mockReturnValue(1)
  vi.spyOn(TransactionRequests.prototype, 'addPartitions').mockResolvedValue()
  await stage.leaveOpen('stray')
  expect((await run('find-hanging')).output).toBe('No transaction hangs.\n')
  const found = await run('find-hanging', 'orders', '--open-for', '0s')
  expect(found.output).toMatch(
    /^TOPIC +PARTITION +PRODUCER +EPOCH +OPEN FROM\norders +0 +\d+ +0 +1\n/,
  )
  const abort = 'varve transactions abort --topic orders --partition 0 --start-offset 1'
  expect(found.output).toContain(`To end the first: ${abort}\n`)
  expect((await run(...abort.split(' ').slice(2), '--yes')).code).toBe(0)
  const left = await run('find-hanging', '--open-for', '0s', '--json')
  expect(JSON.parse(left.output)).toMatchObject([
    { topic: 'orders', partition: 1, transactionStartOffset: 1 },
  ])
  const wrong = await run('find-hanging', '--open-for', 'long')
  expect([wrong.code, wrong.said]).toEqual([2, expect.stringContaining('--open-for is "long"')])
})
