import { startBroker } from '@varve/broker'
import { expect, it } from 'vitest'
import { runCommand } from '../../../support/varve-command.ts'

it('configs describe shows what differs from the default, all, or single settings', async () => {
  await using broker = await startBroker({ storage: 'memory' })
  const at = ['-b', broker.address]
  await runCommand(['topics', 'create', 'orders', '-c', 'retention.ms=5000', ...at])
  const describe = (...more: string[]) =>
    runCommand(['configs', 'describe', 'topic', 'orders', ...more, ...at])

  const own = await describe()
  expect(own.output).toMatch(/^retention\.ms +5000 +topic$/m)
  expect(own.said).toMatch(/^\d+ more have their default; --all shows them\.\n$/)
  const all = JSON.parse((await describe('--all', '--json')).output) as {
    name: string
    documentation: string
  }[]
  expect(all.length).toBeGreaterThan(20)
  expect(all.every(setting => setting.documentation !== '')).toBe(true)
  const one = await describe('--setting', 'cleanup.policy', '--synonyms')
  expect(one.output).toMatch(
    /^cleanup\.policy +delete +default .*log\.cleanup\.policy=delete \(default\)/m,
  )
})

it('configs describe shows the settings of a broker', async () => {
  await using broker = await startBroker({ storage: 'memory' })
  const all = await runCommand([
    'configs',
    'describe',
    'broker',
    '1',
    '--all',
    '--json',
    '-b',
    broker.address,
  ])
  expect(all).toMatchObject({ code: 0, said: '' })
  const names = (JSON.parse(all.output) as { name: string }[]).map(setting => setting.name)
  expect(names).toContain('log.retention.ms')
})

it('configs describe ends with 1 for a topic that does not exist', async () => {
  await using broker = await startBroker({ storage: 'memory' })
  const { code, said } = await runCommand([
    'configs',
    'describe',
    'topic',
    'gone',
    '-b',
    broker.address,
  ])
  expect(code).toBe(1)
  expect(said).toMatch(/^varve: describing the settings of topic gone: UNKNOWN_TOPIC_OR_PARTITION/)
})
