import { expect, it } from 'vitest'
import { transactionStage } from '../../../support/transaction-stage.ts'
import { runCommand } from '../../../support/varve-command.ts'

it('transactions describe shows since when and where a transaction is open', async () => {
  await using stage = await transactionStage()
  const describe = (...args: readonly string[]) =>
    runCommand(['transactions', 'describe', ...args, ...stage.at])
  await stage.leaveOpen('open')
  const { output } = await describe('open')
  expect(output).toMatch(/^open {2}Ongoing\nproducer \d+, epoch 0; coordinator 1\nopen since 20/)
  expect(output).toContain('; at most 60 s\n')
  expect(output).toContain('TOPIC   PARTITION\norders          0\norders          1\n')
  const found = await describe('open', 'gone', '--json')
  expect(JSON.parse(found.output)).toMatchObject([
    {
      ...{ transactionalId: 'open', state: 'Ongoing', producerEpoch: 0, timeoutMs: 60_000 },
      startedAt: expect.any(Number),
      partitions: [
        { topic: 'orders', partition: 0 },
        { topic: 'orders', partition: 1 },
      ],
    },
  ])
  expect([found.code, found.said]).toEqual([
    1,
    expect.stringContaining('transactional id gone: TRANSACTIONAL_ID_NOT_FOUND'),
  ])
})

it('transactions describe says when no transaction is open', async () => {
  await using stage = await transactionStage()
  const producer = stage.varve.producer({ transactionalId: 'idle' })
  await producer.initTransactions()
  const { output } = await runCommand(['transactions', 'describe', 'idle', ...stage.at])
  expect(output).toContain('idle  Empty\n')
  expect(output).toContain('no transaction is open; at most 60 s\n')
  const transaction = await producer.transaction()
  await transaction.send({ topic: 'orders', value: 'a' })
  await transaction.commit()
  await producer.close()
  const ended = await runCommand(['transactions', 'describe', 'idle', ...stage.at])
  expect(ended.output).toMatch(/\nno transaction is open, the last one began 20.+Z; at most 60 s\n/)
})
