import { expect, it } from 'vitest'
import { groupStage } from '../../../support/group-stage.ts'
import { runCommand } from '../../../support/varve-command.ts'

it('groups describe shows offsets, ends, lag and owners of groups', async () => {
  await using stage = await groupStage()
  const describe = (...args: readonly string[]) =>
    runCommand(['groups', 'describe', ...args, ...stage.at])
  expect((await describe()).output).toBe('There are no groups.\n')
  await stage.commit('idle', [7, 0])
  await stage.join('busy', 'worker-1')
  const idle = await describe('idle')
  expect(idle).toEqual({
    code: 0,
    output: [
      'idle  (Empty, classic, 0 members, coordinator 1)',
      'TOPIC   PARTITION  CURRENT  END  LAG  OWNER  CLIENT  HOST',
      'orders          0        7   10    3  -      -       -',
      'orders          1        0    0    0  -      -       -',
      '',
    ].join('\n'),
    said: '',
  })
  const all = await describe()
  expect(all.output).toContain('busy  (Stable, classic, range, 1 member, coordinator 1)')
  expect(all.output).toMatch(/orders +2 +- +10 +- +worker-1 +varve +127\.0\.0\.1/)
  expect(all.output).toContain(idle.output)
  const [data] = JSON.parse((await describe('busy', '--json')).output) as [
    { members: { memberId: string }[]; partitions: { owner: string }[] },
  ]
  expect(data.partitions.map(({ owner }) => owner)).toEqual(
    Array.from({ length: 3 }, () => data.members[0]?.memberId),
  )
})

it('groups describe shows what it can, and ends with 1 when a group is not there', async () => {
  await using stage = await groupStage()
  await stage.commit('idle', [1])
  const { code, output, said } = await runCommand([
    ...['groups', 'describe', 'idle', 'gone'],
    ...stage.at,
  ])
  expect([code, said]).toEqual([1, expect.stringContaining('gone')])
  expect(output).toContain('idle  (Empty')
})

it('groups describe shows names that would steer the terminal, and does not pass them on', async () => {
  await using stage = await groupStage()
  const groupId = 'evil\u001b[2J\nGroup billing'
  await stage.commit(groupId, [1])
  for (const args of [['list'], ['describe'], ['delete', groupId, '--yes']]) {
    const { code, output } = await runCommand(['groups', ...args, ...stage.at])
    expect([args[0], code, output.includes('\u001b')]).toEqual([args[0], 0, false])
    expect(output).toContain('evil\\u001b[2J\\u000aGroup billing')
  }
})
