import { expect, it } from 'vitest'
import { groupStage } from '../../../support/group-stage.ts'
import { runCommand } from '../../../support/varve-command.ts'

it('groups list shows the groups, or those in a state or of a type', async () => {
  await using stage = await groupStage()
  const list = (...args: readonly string[]) => runCommand(['groups', 'list', ...args, ...stage.at])
  expect(await list()).toEqual({ code: 0, output: 'There are no such groups.\n', said: '' })
  await stage.commit('idle', [1])
  await stage.join('busy')
  expect((await list()).output).toBe(
    [
      'GROUP  STATE   TYPE     PROTOCOL',
      'busy   Stable  classic  consumer',
      'idle   Empty   classic  -',
      '',
    ].join('\n'),
  )
  const names = async (...args: readonly string[]) =>
    (JSON.parse((await list('--json', ...args)).output) as { groupId: string }[]).map(
      ({ groupId }) => groupId,
    )
  expect(await names('--state', 'Empty')).toEqual(['idle'])
  expect(await names('--state', 'Empty', '--state', 'Stable')).toEqual(['busy', 'idle'])
  expect(await names('--type', 'consumer')).toEqual([])
})
