import { expect, it } from 'vitest'
import { groupStage } from '../../../support/group-stage.ts'
import { runCommand } from '../../../support/varve-command.ts'

it('groups delete needs a yes, and a group that nobody is in', async () => {
  await using stage = await groupStage()
  const remove = (args: readonly string[], answer?: string) =>
    runCommand(['groups', 'delete', ...args, ...stage.at], answer === undefined ? {} : { answer })
  const names = async () => (await stage.admin.listGroups()).map(({ groupId }) => groupId)
  await stage.commit('a', [1, 0])
  await stage.commit('b', [1])
  await stage.join('busy')
  expect(await remove(['a', '--dry-run'])).toMatchObject({
    code: 0,
    output: 'Group a would be deleted, with the committed offsets of 2 partitions.\n',
  })
  expect((await remove(['a'])).said).toContain('--yes')
  expect((await remove(['a'], 'y')).said).toMatch(/a: the committed offsets of 2 partitions\n/)
  const active = await remove(['b', 'busy', '--yes'])
  expect([active.code, active.said]).toEqual([1, expect.stringContaining('busy is in use')])
  const missing = await remove(['b', 'gone', '--yes'])
  expect([missing.code, missing.said]).toEqual([1, 'varve: There is no group gone\n'])
  expect(await names()).toEqual(['a', 'b', 'busy'])
  expect((await remove(['a'], 'yes')).code).toBe(0)
  const content = await remove(['b', 'gone', '--yes', '--if-exists', '--json'])
  expect(JSON.parse(content.output)).toEqual([{ groupId: 'b', partitions: 1, deleted: true }])
  expect(await names()).toEqual(['busy'])
})

it('groups delete says which are gone when others could not be deleted', async () => {
  await using stage = await groupStage()
  await stage.commit('a', [1])
  await stage.commit('b', [1])
  const remove = (...args: readonly string[]) =>
    runCommand(['groups', 'delete', 'a', 'b', ...args, ...stage.at], {
      answer: async () => {
        await stage.join('b')
        return 'yes'
      },
    })
  const { code, output, said } = await remove('--json')
  expect(JSON.parse(output)).toEqual([
    { groupId: 'a', partitions: 1, deleted: true },
    { groupId: 'b', partitions: 1, deleted: false },
  ])
  expect([code, said]).toEqual([1, expect.stringContaining('deleting group b: NON_EMPTY_GROUP')])
})
