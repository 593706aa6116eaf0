import { startBroker } from '@varve/broker'
import { expect, it } from 'vitest'
import { runCommand } from '../../../support/varve-command.ts'

it('configs set changes settings of topics and of all brokers', async () => {
  await using broker = await startBroker({ storage: 'memory' })
  const at = ['-b', broker.address]
  await runCommand(['topics', 'create', 'orders', ...at])
  const set = await runCommand([
    'configs',
    'set',
    'topic',
    'orders',
    'retention.ms=7000',
    '--json',
    ...at,
  ])
  expect(JSON.parse(set.output)).toMatchObject({
    type: 'topic',
    name: 'orders',
    changed: true,
    set: { 'retention.ms': '7000' },
  })
  expect((await runCommand(['configs', 'describe', 'topic', 'orders', ...at])).output).toContain(
    '7000',
  )

  const brokers = await runCommand([
    'configs',
    'set',
    'broker',
    'default',
    'log.retention.ms=9000',
    ...at,
  ])
  expect(brokers).toMatchObject({
    code: 0,
    output: 'The settings of broker default are changed.\n',
  })
})

it('configs set says why the cluster refuses', async () => {
  await using broker = await startBroker({ storage: 'memory' })
  const at = ['-b', broker.address]
  await runCommand(['topics', 'create', 'orders', ...at])
  for (const setting of ['retention.ms=soon', 'no.such.setting=1']) {
    const { code, output, said } = await runCommand([
      'configs',
      'set',
      'topic',
      'orders',
      setting,
      ...at,
    ])
    expect([setting, code, output]).toEqual([setting, 1, ''])
    expect(said).toMatch(/^varve: changing the settings of topic orders: INVALID_CONFIG [^\n]+\n$/)
  }
})
