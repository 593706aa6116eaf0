import { expect, it } from 'vitest'
import { groupStage } from '../../../support/group-stage.ts'
import { runCommand } from '../../../support/varve-command.ts'

it('groups delete-offsets forgets what is committed of a topic, or of partitions of it', async () => {
  await using stage = await groupStage()
  const forget = (...args: readonly string[]) =>
    runCommand(['groups', 'delete-offsets', ...args, ...stage.at])
  await stage.commit('idle', [1, 0, 8])
  expect((await forget('idle', '--topic', 'orders:0', '--dry-run')).output).toBe(
    'The offset 1 of orders-0 would be deleted from group idle.\n',
  )
  const nobody = await forget('idle', '--topic', 'orders:0')
  expect([nobody.code, nobody.said]).toEqual([1, expect.stringContaining('orders-0: 1\n')])
  expect(await stage.committed('idle')).toEqual({ 0: 1, 1: 0, 2: 8 })
  expect((await forget('idle', '--topic', 'orders:0,2', '--yes')).code).toBe(0)
  expect(await stage.committed('idle')).toEqual({ 1: 0 })
  const none = await forget('idle', '--topic', 'orders:0', '--yes')
  expect([none.code, none.said]).toEqual([
    1,
    'varve: Group idle has committed nothing of orders:0\n',
  ])
  const gone = await forget('gone', '--topic', 'orders', '--yes')
  expect([gone.code, gone.said]).toEqual([1, 'varve: There is no group gone\n'])
})

it('groups delete-offsets is refused while members read the topic', async () => {
  await using stage = await groupStage()
  await stage.commit('busy', [1])
  await stage.join('busy')
  const { code, said } = await runCommand([
    ...['groups', 'delete-offsets', 'busy', '--topic', 'orders', '--yes'],
    ...stage.at,
  ])
  expect([code, said]).toEqual([1, expect.stringMatching(/busy is in use .*its members read this/)])
  expect(await stage.committed('busy')).toEqual({ 0: 1 })
})
