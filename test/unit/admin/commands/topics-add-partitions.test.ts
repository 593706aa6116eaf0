import { startBroker } from '@varve/broker'
import { expect, it } from 'vitest'
import { runCommand } from '../../../support/varve-command.ts'

it('topics add-partitions grows a topic to a count, and never shrinks it', async () => {
  await using broker = await startBroker({ storage: 'memory' })
  const at = ['-b', broker.address]
  await runCommand(['topics', 'create', 'orders', '-p', '2', ...at])
  const grow = (count: string, ...more: string[]) =>
    runCommand(['topics', 'add-partitions', 'orders', '-p', count, ...more, ...at])
  const size = async () =>
    JSON.parse((await runCommand(['topics', 'list', '--json', ...at])).output)[0].partitions

  expect(await grow('5', '--dry-run')).toMatchObject({
    code: 0,
    output: 'Topic orders could have 5 partitions.\n',
  })
  expect(await size()).toBe(2)
  expect(await grow('5')).toMatchObject({ code: 0, output: 'Topic orders has 5 partitions.\n' })
  expect(await size()).toBe(5)
  expect(await grow('3')).toMatchObject({ code: 1, output: '' })
  expect(await size()).toBe(5)
})
