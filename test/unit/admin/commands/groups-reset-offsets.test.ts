import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { groupStage } from '../../../support/group-stage.ts'
import { runCommand } from '../../../support/varve-command.ts'

const reset = (...args: readonly string[]) => runCommand(['groups', 'reset-offsets', ...args])

describe('groups reset-offsets', () => {
  it('prints a plan, and changes nothing before it is told to', async () => {
    await using stage = await groupStage()
    await stage.commit('billing', [7, 0])
    const args = ['billing', '--topic', 'orders', '--to-earliest', ...stage.at]
    const tried = await reset(...args)
    expect(tried).toEqual({
      code: 0,
      output: [
        'GROUP    TOPIC   PARTITION  CURRENT  NEW  LAG  LAG CHANGE',
        'billing  orders          0        7    0   10           7',
        'billing  orders          1        0    0    0           0',
        'billing  orders          2        -    5    5           -',
        '',
      ].join('\n'),
      said: 'Nothing was changed: this was a dry run. Say --execute to do it.\n',
    })
    expect(await stage.committed('billing')).toEqual({ 0: 7, 1: 0 })
    const done = await reset(...args, '--execute')
    expect(done).toEqual({ code: 0, output: tried.output, said: '' })
    expect(await stage.committed('billing')).toEqual({ 0: 0, 1: 0, 2: 5 })
  })

  it('prints JSON, and warns on standard error', async () => {
    await using stage = await groupStage()
    await stage.commit('billing', [7])
    const { code, output, said } = await reset(
      ...['billing', '--topic', 'orders:0,2', '--to-offset', '3', '--execute', '--json'],
      ...stage.at,
    )
    expect([code, said]).toEqual([
      0,
      'varve: 3 is before the beginning of orders-2; its first offset, 5, is taken\n',
    ])
    const common = { groupId: 'billing', topic: 'orders', executed: true }
    expect(JSON.parse(output)).toEqual([
      { ...common, partition: 0, currentOffset: 7, newOffset: 3, lag: 7, lagChange: 4 },
      { ...common, partition: 2, currentOffset: null, newOffset: 5, lag: 5, lagChange: null },
    ])
  })

  it('takes negative shifts, times and durations as they are typed', async () => {
    await using stage = await groupStage()
    await stage.commit('billing', [7])
    const offsets = async (...args: readonly string[]) => {
      const { code, output, said } = await reset('billing', ...args, '--export', ...stage.at)
      expect([code, said.includes('varve: ')]).toEqual([0, false])
      return output
    }
    expect(await offsets('--all-topics', '--shift-by', '-2')).toBe('orders,0,5\n')
    expect(await offsets('--all-topics', '--shift-by=-2')).toBe('orders,0,5\n')
    const time = '2026-11-21T10:03:00.000'
    expect(await offsets('--topic', 'orders:0', '--to-datetime', time)).toBe('orders,0,3\n')
    expect(await offsets('--topic', 'orders:0', '--by-duration', 'P9999D')).toBe('orders,0,0\n')
  })

  it('exports what it imports, for one group and for several, from a file or standard input', async () => {
    await using stage = await groupStage()
    await stage.commit('a', [7, 0])
    await stage.commit('b', [1])
    const folder = mkdtempSync(join(tmpdir(), 'varve-plan-'))
    try {
      const keep = ['--all-topics', '--to-current', '--export', ...stage.at]
      const one = await reset('a', ...keep)
      expect(one.output).toBe('orders,0,7\norders,1,0\n')
      const both = await reset('a', 'b', ...keep)
      expect(both.output).toBe('a,orders,0,7\na,orders,1,0\nb,orders,0,1\n')
      const everything = await reset('--all-groups', ...keep)
      expect(everything.output).toBe(both.output)
      await stage.commit('a', [9, 0])
      await stage.commit('b', [9])
      const file = join(folder, 'plan.csv')
      writeFileSync(file, both.output)
      expect((await reset('--from-file', file, '--execute', ...stage.at)).code).toBe(0)
      expect([await stage.committed('a'), await stage.committed('b')]).toEqual([
        { 0: 7, 1: 0 },
        { 0: 1 },
      ])
      const piped = await runCommand(
        ['groups', 'reset-offsets', 'b', '--from-file', '-', '--execute', ...stage.at],
        { input: 'orders,0,4\n' },
      )
      expect([piped.code, await stage.committed('b')]).toEqual([0, { 0: 4 }])
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })

  it('says what is wrong with a file', async () => {
    await using stage = await groupStage()
    const fromInput = (input: string, ...groups: readonly string[]) =>
      runCommand(['groups', 'reset-offsets', ...groups, '--from-file', '-', ...stage.at], { input })
    const missing = await reset('g', '--from-file', '/nowhere/plan.csv', ...stage.at)
    expect([missing.code, missing.said]).toEqual([
      1,
      expect.stringContaining('/nowhere/plan.csv cannot be read'),
    ])
    expect((await fromInput('orders,0', 'g')).said).toContain('Standard input, line 1')
    expect((await fromInput('orders,0,1', 'g', 'h')).said).toContain('does not say which group')
    expect((await fromInput('orders,0,1')).said).toContain('does not say which group')
    expect((await fromInput('orders,0,1\ng,orders,1,1', 'g')).said).toContain('both forms')
    expect((await fromInput('h,orders,0,1', 'g')).said).toContain('says nothing of group g')
    const scoped = await reset('g', '--topic', 'orders', '--from-file', '-', ...stage.at)
    expect(scoped.code).toBe(2)
  })

  it('refuses a group that is in use, names its members, and touches nothing', async () => {
    await using stage = await groupStage()
    await stage.commit('busy', [7])
    await stage.commit('idle', [7])
    await stage.join('busy', 'worker-1')
    for (const more of [['--execute'], []]) {
      const { code, output, said } = await reset(
        ...['idle', 'busy', '--topic', 'orders', '--to-earliest', ...more],
        ...stage.at,
      )
      expect([code, output]).toEqual([1, ''])
      expect(said).toMatch(
        /^varve: Group busy is in use \(Stable, 1 member: worker-1 on 127\.0\.0\.1\): .*Stop its consumers/,
      )
    }
    expect([await stage.committed('busy'), await stage.committed('idle')]).toEqual([
      { 0: 7 },
      { 0: 7 },
    ])
  })

  it('makes a group that is not there, and says that it does', async () => {
    await using stage = await groupStage()
    const { code, said } = await reset(
      ...['new', '--topic', 'orders:0', '--to-offset', '4', '--execute', ...stage.at],
    )
    expect([code, said]).toEqual([
      0,
      'varve: There is no group new yet; committing for it makes it\n',
    ])
    expect(await stage.committed('new')).toEqual({ 0: 4 })
  })

  it('begins a group where another one is', async () => {
    await using stage = await groupStage()
    await stage.commit('old', [3, 0, 8])
    const { code } = await reset('new', '--from-group', 'old', '--execute', ...stage.at)
    expect([code, await stage.committed('new')]).toEqual([0, { 0: 3, 1: 0, 2: 8 }])
  })
})
