import { startBroker } from '@varve/broker'
import { expect, it } from 'vitest'
import { runCommand } from '../../../support/varve-command.ts'

it('topics delete needs a yes: from the option, or from somebody', async () => {
  await using broker = await startBroker({ storage: 'memory' })
  const at = ['-b', broker.address]
  for (const name of ['a', 'b', 'c']) await runCommand(['topics', 'create', name, '-p', '2', ...at])
  await runCommand(['produce', 'a', ...at], { input: '1\n2\n3\n' })
  const names = async () => {
    const { output } = await runCommand(['topics', 'list', '--json', ...at])
    return (JSON.parse(output) as { name: string }[]).map(topic => topic.name)
  }

  const tried = await runCommand(['topics', 'delete', 'a', '--dry-run', ...at])
  expect(tried).toMatchObject({
    code: 0,
    output: 'Topic a would be deleted, with 2 partitions and about 3 records.\n',
  })
  const nobody = await runCommand(['topics', 'delete', 'a', ...at])
  expect(nobody.code).toBe(1)
  expect(nobody.said).toContain('--yes')
  const unsure = await runCommand(['topics', 'delete', 'a', ...at], { answer: 'y' })
  expect(unsure).toMatchObject({ code: 1, output: '' })
  expect(unsure.said).toContain('a: 2 partitions and about 3 records')
  expect(await names()).toEqual(['a', 'b', 'c'])

  const sure = await runCommand(['topics', 'delete', 'a', ...at], { answer: ' yes\n' })
  expect(sure).toMatchObject({
    code: 0,
    output: 'Topic a is deleted, with 2 partitions and about 3 records.\n',
  })
  expect((await runCommand(['topics', 'delete', 'b', '--yes', ...at])).code).toBe(0)
  expect(await names()).toEqual(['c'])
})

it('topics delete deletes nothing when one of the names is wrong, unless it is told to be content', async () => {
  await using broker = await startBroker({ storage: 'memory' })
  const at = ['-b', broker.address]
  await runCommand(['topics', 'create', 'here', ...at])
  const wrong = await runCommand(['topics', 'delete', 'here', 'gone', '--yes', ...at])
  expect(wrong).toMatchObject({ code: 1, output: '' })
  expect(wrong.said).toContain('gone')
  const content = await runCommand([
    'topics',
    'delete',
    'here',
    'gone',
    '--yes',
    '--if-exists',
    '--json',
    ...at,
  ])
  expect(content.code).toBe(0)
  expect(JSON.parse(content.output)).toEqual([
    { topic: 'here', partitions: 1, records: 0, deleted: true },
  ])
})
