import { expect, it } from 'vitest'
import { groupStage } from '../../../support/group-stage.ts'
import { runCommand } from '../../../support/varve-command.ts'

it('groups members shows who is in a group, and what they own', async () => {
  await using stage = await groupStage()
  const members = (...args: readonly string[]) =>
    runCommand(['groups', 'members', ...args, ...stage.at])
  await stage.commit('idle', [1])
  expect((await members('idle')).output).toBe('Group idle has no members.\n')
  const gone = await members('gone')
  expect([gone.code, gone.said]).toEqual([1, expect.stringContaining('gone')])
  await stage.join('busy', 'worker-1')
  const { output } = await members('busy')
  expect(output).toMatch(/^MEMBER +INSTANCE +CLIENT +HOST +EPOCH +PARTITIONS +OWNS\n/)
  expect(output).toMatch(/ worker-1 +varve +127\.0\.0\.1 +- +3 +orders:0,1,2\n/)
  expect(JSON.parse((await members('busy', '--json')).output)).toMatchObject([
    { groupInstanceId: 'worker-1', protocol: 'classic' },
  ])
})

it('groups members takes members out once somebody has confirmed it', async () => {
  await using stage = await groupStage()
  await stage.join('busy', 'worker-1')
  const args = ['groups', 'members', 'busy', '--remove', 'worker-1', ...stage.at]
  const count = async () => (await stage.admin.describeGroups(['busy']))[0]?.members.length
  expect((await runCommand([...args, '--dry-run'])).output).toBe(
    'Member worker-1 would be removed from group busy.\n',
  )
  expect((await runCommand(args)).said).toContain('--yes')
  expect((await runCommand(args, { answer: 'no' })).said).toMatch(
    /worker-1 on 127\.0\.0\.1: owns orders:0,1,2\n.*\n.*Nobody was removed/,
  )
  expect(await count()).toBe(1)
  const unknown = await runCommand([
    ...['groups', 'members', 'busy', '--remove', 'worker-2', '--yes'],
    ...stage.at,
  ])
  expect([unknown.code, unknown.said]).toEqual([1, 'varve: Group busy has no member worker-2\n'])
  expect((await runCommand([...args, '--yes'])).output).toBe(
    'Member worker-1 is removed from group busy.\n',
  )
  expect(await count()).toBe(0)
})
