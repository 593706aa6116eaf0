import { expect, it } from 'vitest'
import { transactionStage } from '../../../support/transaction-stage.ts'
import { runCommand } from '../../../support/varve-command.ts'

async function aborting() {
  const stage = await transactionStage()
  const abort = (args: readonly string[], answer?: string) =>
    runCommand(
      ['transactions', 'abort', ...args, ...stage.at],
      answer === undefined ? {} : { answer },
    )
  const openFrom = async () => {
    const described = await stage.admin.describeProducers(
      [0, 1].map(partition => ({ topic: 'orders', partition })),
    )
    return described.map(({ producers }) => producers.map(one => one.transactionStartOffset))
  }
  return { stage, abort, openFrom, [Symbol.asyncDispose]: () => stage[Symbol.asyncDispose]() }
}

it('transactions abort fences a producer by its id, after a yes', async () => {
  await using test = await aborting()
  const { stage, abort, openFrom } = test
  const transaction = await stage.leaveOpen('open')
  expect(await abort(['open', '--dry-run'])).toMatchObject({
    code: 0,
    output:
      'The producer with the transactional id open would be fenced, with its open transaction in 2 partitions.\n',
  })
  expect((await abort(['open'])).said).toContain('--yes')
  expect((await abort(['open'], 'no')).said).toContain('Nothing was aborted')
  expect(await openFrom()).toEqual([[0], [0]])
  const missing = await abort(['open', 'gone', '--yes'])
  expect([missing.code, missing.said]).toEqual([1, 'varve: There is no transactional id gone\n'])
  const done = await abort(['open', '--yes', '--json'])
  expect(JSON.parse(done.output)).toMatchObject([{ transactionalId: 'open', aborted: true }])
  expect(await openFrom()).toEqual([[undefined], [undefined]])
  await expect(transaction.commit()).rejects.toMatchObject({ code: 'FENCED' })
})

it('transactions abort writes a marker where a transaction hangs, and nowhere else', async () => {
  await using test = await aborting()
  const { stage, abort, openFrom } = test
  await stage.commit('done')
  await stage.leaveOpen('open')
  const at = ['--topic', 'orders', '--partition', '0']
  const wrong = await abort([...at, '--start-offset', '1', '--yes'])
  expect([wrong.code, wrong.said]).toEqual([
    1,
    expect.stringContaining('those that are open begin at 2'),
  ])
  const dry = await abort([...at, '--start-offset', '2', '--dry-run'])
  expect(dry.output).toMatch(
    /^The transaction of producer \d+, epoch 0, in orders-0 from offset 2 on would be aborted\.\n$/,
  )
  expect((await abort([...at, '--start-offset', '2'], 'yes')).code).toBe(0)
  expect((await openFrom()).map(ones => ones.at(-1))).toEqual([undefined, 2])
})

it.each([
  [[], 'Name transactional ids'],
  [['x', '--topic', 't', '--partition', '0', '--start-offset', '1'], 'Name transactional ids'],
  [['--partition', '0'], '--topic is missing'],
  [['--topic', 't', '--start-offset', '1'], '--partition is missing'],
  [['--topic', 't', '--partition', '0'], 'one of --start-offset and --producer-id'],
])('transactions abort %j says what is missing', async (args, said) => {
  const result = await runCommand(['transactions', 'abort', ...args, '-b', 'localhost:1'])
  expect([result.code, result.said]).toEqual([2, expect.stringContaining(said)])
})
