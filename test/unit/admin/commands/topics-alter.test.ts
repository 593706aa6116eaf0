import { startBroker } from '@varve/broker'
import { expect, it } from 'vitest'
import { runCommand } from '../../../support/varve-command.ts'

it('topics alter sets settings of a topic and brings defaults back', async () => {
  await using broker = await startBroker({ storage: 'memory' })
  const at = ['-b', broker.address]
  await runCommand(['topics', 'create', 'orders', ...at])
  const settings = async () =>
    JSON.parse((await runCommand(['topics', 'describe', 'orders', '--json', ...at])).output)[0]
      .settings

  const alter = ['topics', 'alter', 'orders', ...at]
  expect(await runCommand([...alter, 'retention.ms=1000', '--dry-run'])).toMatchObject({
    code: 0,
    output: 'The settings of topic orders could be changed.\n',
  })
  expect(await settings()).toEqual({})
  expect((await runCommand([...alter, 'retention.ms=1000', 'segment.bytes=2000000'])).code).toBe(0)
  expect(await settings()).toEqual({ 'retention.ms': '1000', 'segment.bytes': '2000000' })
  expect((await runCommand([...alter, '--remove', 'retention.ms'])).code).toBe(0)
  expect(await settings()).toEqual({ 'segment.bytes': '2000000' })
})
