import { startBroker } from '@varve/broker'
import { expect, it } from 'vitest'
import { runCommand } from '../../../support/varve-command.ts'

it('topics list gives names and sizes, in their order', async () => {
  await using broker = await startBroker({ storage: 'memory' })
  const at = ['-b', broker.address]
  expect(await runCommand(['topics', 'list', '--json', ...at])).toEqual({
    code: 0,
    output: '[]\n',
    said: '',
  })
  for (const name of ['b', 'a']) await runCommand(['topics', 'create', name, '-p', '2', ...at])
  const { output } = await runCommand(['topics', 'list', ...at])
  expect(output.split('\n').map(line => line.split(/\s+/).slice(0, 3))).toEqual([
    ['TOPIC', 'PARTITIONS', 'REPLICAS'],
    ['a', '2', '1'],
    ['b', '2', '1'],
    [''],
  ])
  const json = JSON.parse((await runCommand(['topics', 'list', '--json', ...at])).output)
  expect(json).toMatchObject([
    { name: 'a', partitions: 2, replicationFactor: 1, isInternal: false },
    { name: 'b' },
  ])
})
