import { startBroker } from '@varve/broker'
import { expect, it } from 'vitest'
import { runCommand } from '../../../support/varve-command.ts'

it('topics create makes a topic once, with partitions and settings', async () => {
  await using broker = await startBroker({ storage: 'memory' })
  const at = ['-b', broker.address]
  const create = ['topics', 'create', 'orders', '--partitions', '3', ...at]

  const tried = await runCommand([...create, '--dry-run'])
  expect(tried).toMatchObject({
    code: 0,
    output: 'Topic orders could be created, with 3 partitions.\n',
  })
  expect((await runCommand(['topics', 'list', ...at])).output).toBe('There are no topics.\n')

  const made = await runCommand([
    ...create,
    '-c',
    'retention.ms=5000',
    '-c',
    'cleanup.policy=compact,delete',
    '--json',
  ])
  expect(made).toMatchObject({ code: 0, said: '' })
  expect(JSON.parse(made.output)).toMatchObject({
    topic: 'orders',
    created: true,
    partitions: 3,
    replicationFactor: 1,
  })

  const again = await runCommand(create)
  expect(again).toMatchObject({ code: 1, output: '' })
  expect(again.said).toMatch(/^varve: creating topic orders: TOPIC_ALREADY_EXISTS [^\n]+\n$/)
  const content = await runCommand([...create, '--if-not-exists'])
  expect(content).toMatchObject({ code: 0, output: 'Topic orders exists already.\n' })

  const described = JSON.parse(
    (await runCommand(['topics', 'describe', 'orders', '--json', ...at])).output,
  )
  expect(described[0].settings).toEqual({
    'retention.ms': '5000',
    'cleanup.policy': 'compact,delete',
  })
})

it('topics create says why the cluster refuses', async () => {
  await using broker = await startBroker({ storage: 'memory' })
  const at = ['-b', broker.address]
  for (const [name, ...more] of [
    ['a/b'],
    ['ok', '-p', '0'],
    ['ok', '-c', 'retention.ms=soon'],
    ['ok', '-r', '3'],
  ]) {
    const { code, output, said } = await runCommand([
      'topics',
      'create',
      name ?? '',
      ...more,
      ...at,
    ])
    expect([name, more, code, output]).toEqual([name, more, 1, ''])
    expect(said).toMatch(/^varve: creating topic [^\n]+\n$/)
  }
})
