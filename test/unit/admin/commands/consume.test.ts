import { startBroker } from '@varve/broker'
import { describe, expect, it } from 'vitest'
import { OutputClosedError } from '../../../../packages/admin/src/command-error.ts'
import { groupStage } from '../../../support/group-stage.ts'
import { runCommand } from '../../../support/varve-command.ts'

/** A topic of two partitions: a, b, c in the first at 1000, 2000, 3000 ms; x in the second. */
async function withRecords(at: readonly string[]): Promise<void> {
  await runCommand(['topics', 'create', 'letters', '-p', '2', ...at])
  const lines = ['a', 'b', 'c'].map((value, index) => ({
    key: `k${value}`,
    value,
    partition: 0,
    timestamp: (index + 1) * 1000,
  }))
  const input = [...lines, { value: 'x', partition: 1, timestamp: 500 }]
    .map(line => `${JSON.stringify(line)}\n`)
    .join('')
  await runCommand(['produce', 'letters', '--json', ...at], { input })
}

describe('consume', () => {
  it('reads everything and stops at the end', async () => {
    await using broker = await startBroker({ storage: 'memory' })
    const at = ['-b', broker.address]
    await withRecords(at)
    const { code, output, said } = await runCommand(['consume', 'letters', ...at])
    expect([code, said]).toEqual([0, ''])
    expect(output.split('\n').sort()).toEqual(['', 'a', 'b', 'c', 'x'])
  })

  it('begins where it is told', async () => {
    await using broker = await startBroker({ storage: 'memory' })
    const at = ['-b', broker.address]
    await withRecords(at)
    const from = async (where: string, ...more: string[]) =>
      (await runCommand(['consume', 'letters', '-p', '0', '--from', where, ...more, ...at])).output
        .split('\n')
        .slice(0, -1)
    expect(await from('beginning')).toEqual(['a', 'b', 'c'])
    expect(await from('1')).toEqual(['b', 'c'])
    expect(await from('beginning', '--max-records', '2')).toEqual(['a', 'b'])
    expect(await from('1970-01-01T00:00:01.500Z')).toEqual(['b', 'c'])
    expect(await from('1970-01-01T00:00:03.001Z')).toEqual([])
    expect(await from('end')).toEqual([])
  })

  it('prints keys, and JSON with all there is', async () => {
    await using broker = await startBroker({ storage: 'memory' })
    const at = ['-b', broker.address]
    await withRecords(at)
    const keyed = await runCommand(['consume', 'letters', '-p', '1', '-p', '0', '-k', '=', ...at])
    expect(keyed.output.split('\n').sort()).toEqual(['', 'ka=a', 'kb=b', 'kc=c', 'null=x'])
    const json = await runCommand(['consume', 'letters', '-p', '0', '-n', '1', '--json', ...at])
    expect(JSON.parse(json.output)).toEqual({
      topic: 'letters',
      partition: 0,
      offset: 0,
      timestamp: 1000,
      key: 'ka',
      value: 'a',
      headers: [],
    })
  })

  it('is what produce --json reads', async () => {
    await using broker = await startBroker({ storage: 'memory' })
    const at = ['-b', broker.address]
    await withRecords(at)
    await runCommand(['topics', 'create', 'copy', '-p', '2', ...at])
    const { output } = await runCommand(['consume', 'letters', '--json', ...at])
    await runCommand(['produce', 'copy', '--json', ...at], { input: output })
    const copy = await runCommand(['consume', 'copy', '--json', ...at])
    const sorted = (text: string) => text.replaceAll('"copy"', '"letters"').split('\n').sort()
    expect(sorted(copy.output)).toEqual(sorted(output))
  })

  it('follows until it is interrupted, which is no failure', async () => {
    await using broker = await startBroker({ storage: 'memory' })
    const at = ['-b', broker.address]
    await withRecords(at)
    const interrupt = new AbortController()
    let seen = ''
    const following = runCommand(['consume', 'letters', '--follow', '--from', 'beginning', ...at], {
      interrupted: interrupt.signal,
      onOutput: text => {
        seen += text
        if (seen.split('\n').length === 6) interrupt.abort()
      },
    })
    await runCommand(['produce', 'letters', ...at], { input: 'late\n' })
    expect((await following).code).toBe(0)
    expect(seen.split('\n').sort()).toEqual(['', 'a', 'b', 'c', 'late', 'x'])
  })

  it('ends in peace when its reader has seen enough', async () => {
    await using broker = await startBroker({ storage: 'memory' })
    const at = ['-b', broker.address]
    await withRecords(at)
    const onOutput = () => {
      throw new OutputClosedError('closed')
    }
    expect(
      await runCommand(['consume', 'letters', '--follow', '--from', '0', ...at], { onOutput }),
    ).toEqual({
      code: 0,
      output: '',
      said: '',
    })
  })

  it('ends with 1 for a topic or a partition that does not exist', async () => {
    await using broker = await startBroker({ storage: 'memory' })
    const at = ['-b', broker.address]
    await withRecords(at)
    for (const args of [['gone'], ['letters', '-p', '7']]) {
      const { code, output, said } = await runCommand(['consume', ...args, '--timeout', '2', ...at])
      expect([args, code, output]).toEqual([args, 1, ''])
      expect(said).toMatch(/^varve: [^\n]+\n$/)
    }
  })
})

describe('consume --group', () => {
  it.each(['classic', 'consumer'])(
    'goes on where the %s group is, and commits what it printed',
    async protocol => {
      await using stage = await groupStage()
      const consume = async (...args: readonly string[]) => {
        const group = ['--group', 'billing', '--group-protocol', protocol]
        const { code, output, said } = await runCommand([
          ...['consume', 'orders', ...group, ...args],
          ...stage.at,
        ])
        expect([code, said]).toEqual([0, ''])
        return output.split('\n').slice(0, -1)
      }
      await stage.commit('billing', [4, 0, 10])
      expect(await consume('-n', '2')).toEqual(['4', '5'])
      expect(await stage.committed('billing')).toMatchObject({ 0: 6 })
      expect(await consume()).toEqual(['6', '7', '8', '9'])
      expect(await stage.committed('billing')).toMatchObject({ 0: 10 })
      expect(await consume()).toEqual([])
    },
  )

  it('begins where it is told only when the group has committed nothing', async () => {
    await using stage = await groupStage()
    await stage.commit('billing', [9])
    const args = ['consume', 'orders', '--group', 'billing', '--from', '8', ...stage.at]
    const { output } = await runCommand(args)
    expect(output.split('\n').slice(0, -1).sort()).toEqual(['8', '9', '9'])
  })

  it('commits what it printed when it is interrupted', async () => {
    await using stage = await groupStage()
    const interrupt = new AbortController()
    let printed = ''
    const { code } = await runCommand(
      ['consume', 'orders', '--group', 'billing', '--from', 'beginning', '--follow', ...stage.at],
      {
        interrupted: interrupt.signal,
        onOutput: text => {
          printed += text
          if (printed.split('\n').length > 15) interrupt.abort()
        },
      },
    )
    expect(code).toBe(0)
    expect(await stage.committed('billing')).toMatchObject({ 0: 10, 2: 10 })
    const [group] = await stage.admin.describeGroups(['billing'])
    expect(group?.state).toBe('Empty')
  })
})
