import { startBroker } from '@varve/broker'
import { expect, it } from 'vitest'
import { runCommand } from '../../../support/varve-command.ts'

it('topics describe shows partitions with their offsets, and settings of the topic itself', async () => {
  await using broker = await startBroker({ storage: 'memory' })
  const at = ['-b', broker.address]
  await runCommand(['topics', 'create', 'orders', '-p', '2', '-c', 'retention.ms=5000', ...at])
  await runCommand(['produce', 'orders', '-p', '1', ...at], { input: 'a\nb\n' })
  const json = await runCommand(['topics', 'describe', '--json', ...at])
  expect(JSON.parse(json.output)).toMatchObject([
    {
      name: 'orders',
      isInternal: false,
      settings: { 'retention.ms': '5000' },
      partitions: [
        { partition: 0, error: null, startOffset: 0, endOffset: 0 },
        { partition: 1, error: null, startOffset: 0, endOffset: 2 },
      ],
    },
  ])
  const { output } = await runCommand(['topics', 'describe', 'orders', ...at])
  expect(output).toContain('settings: retention.ms=5000\n')
  expect(output).toMatch(/^ +1 +\d+ +\d+ .* 0 +2$/m)
})

it('topics describe shows what there is and ends with 1 for what there is not', async () => {
  await using broker = await startBroker({ storage: 'memory' })
  const at = ['-b', broker.address]
  await runCommand(['topics', 'create', 'here', ...at])
  const { code, output, said } = await runCommand([
    'topics',
    'describe',
    'here',
    'gone',
    '--json',
    ...at,
  ])
  expect(code).toBe(1)
  expect(JSON.parse(output)).toMatchObject([{ name: 'here' }])
  expect(said).toContain('gone')
})

it('topics describe says only that a topic is missing, not that there are none at all', async () => {
  await using broker = await startBroker({ storage: 'memory' })
  const { code, output, said } = await runCommand([
    'topics',
    'describe',
    'gone',
    '-b',
    broker.address,
  ])
  expect(code).toBe(1)
  expect(output).toBe('')
  expect(said).toContain('gone')
})
