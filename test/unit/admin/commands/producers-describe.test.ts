import { expect, it } from 'vitest'
import { transactionStage } from '../../../support/transaction-stage.ts'
import { runCommand } from '../../../support/varve-command.ts'

it('producers describe shows who has written, and what is open', async () => {
  await using stage = await transactionStage()
  const describe = (...args: readonly string[]) =>
    runCommand(['producers', 'describe', ...args, ...stage.at])
  expect((await describe('orders')).output).toBe('There are no such producers.\n')
  await stage.commit('done')
  await stage.leaveOpen('open')
  const text = (await describe('orders')).output.split('\n')
  expect(text[0]).toMatch(/^TOPIC +PARTITION +PRODUCER +EPOCH +SEQUENCE +LAST WRITE +OPEN FROM$/)
  expect(text).toHaveLength(6)
  expect(text[2]).toMatch(/^orders +0 +\d+ +0 +0 +20[^ ]+Z +2$/)
  const open = await describe('orders:1', '--open', '--json')
  expect(JSON.parse(open.output)).toMatchObject([
    { topic: 'orders', partition: 1, producerEpoch: 0, lastSequence: 0, transactionStartOffset: 2 },
  ])
  const missing = await describe('gone')
  expect([missing.code, missing.said]).toEqual([1, expect.stringContaining('UNKNOWN_TOPIC')])
})
