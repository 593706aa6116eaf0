import { describe, expect, it } from 'vitest'
import { OutputClosedError } from '../../../packages/admin/src/command-error.ts'
import { DONE, FAILED, MISUSED } from '../../../packages/admin/src/run.ts'
import { runCommand } from '../../support/varve-command.ts'

describe('runVarve', () => {
  it('prints help with examples for the program, for a noun and for every command', async () => {
    const help = await runCommand(['--help'])
    expect(help).toMatchObject({ code: DONE, said: '' })
    for (const word of [
      'start',
      'topics',
      'groups',
      'configs',
      'produce',
      'consume',
      'Examples:',
      'Exit codes',
    ]) {
      expect(help.output).toContain(word)
    }
    const topics = await runCommand(['topics', '--help'])
    for (const verb of ['create', 'list', 'describe', 'alter', 'add-partitions', 'delete']) {
      expect(topics.output).toContain(`varve topics ${verb}`)
    }
    const verbs = [
      ...['create', 'list', 'describe', 'alter', 'add-partitions', 'delete'].map(verb => [
        'topics',
        verb,
      ]),
      ...['list', 'describe', 'members', 'reset-offsets', 'delete-offsets', 'delete'].map(verb => [
        'groups',
        verb,
      ]),
      ['configs', 'describe'],
      ['configs', 'set'],
      ['produce'],
      ['consume'],
      ['start'],
    ]
    for (const words of verbs) {
      const { code, output } = await runCommand([...words, '--help'])
      expect(code).toBe(DONE)
      expect(output).toContain(`varve ${words.join(' ')}`)
      expect(output).toContain('Examples:')
    }
  })

  it('says its version', async () => {
    expect((await runCommand(['--version'])).output).toMatch(/^\d+\.\d+\.\d+\n$/)
  })

  it('ends with 2 and one line when it is not understood', async () => {
    const misused = [
      [],
      ['topcs'],
      ['topics'],
      ['topics', 'frobnicate'],
      ['topics', 'create'],
      ['topics', 'create', 'a', '--partitons', '3'],
      ['consume', 'a', '--from', 'yesterday'],
      ['consume', 'a', '--max-records', '0'],
      ['consume', 'a', '--json', '--key-separator', ':'],
      ['produce', 'a', '--acks', '2'],
      ['configs', 'set', 'topic', 'a', 'retention.ms'],
      ['configs', 'set', 'topic', 'a'],
      ['topics', 'list', '--timeout', '0'],
      ['groups', 'list', '--state', 'Sleepy'],
      ['groups', 'delete'],
      ['groups', 'delete-offsets', 'g'],
      ['groups', 'reset-offsets', 'g', '--topic', 't'],
      ['groups', 'reset-offsets', 'g', '--to-latest'],
      ['groups', 'reset-offsets', 'g', '--topic', 't', '--to-latest', '--to-earliest'],
      ['groups', 'reset-offsets', 'g', '--topic', 't', '--to-latest', '--execute', '--dry-run'],
      ['groups', 'reset-offsets', 'g', '--topic', 't', '--all-topics', '--to-latest'],
      ['groups', 'reset-offsets', 'g', '--all-groups', '--topic', 't', '--to-latest'],
      ['groups', 'reset-offsets', 'g', '--topic', 't', '--to-latest', '--json', '--export'],
      ['consume', 'a', '--group', 'g', '--partition', '0'],
      ['consume', 'a', '--group-protocol', 'consumer'],
    ]
    for (const args of misused) {
      const { code, output, said } = await runCommand(args)
      expect([args, code, output]).toEqual([args, MISUSED, ''])
      expect(said).toMatch(/^varve: [^\n]+\n$/)
    }
  })

  it('ends with 1 and one line when nobody listens', async () => {
    const at = ['--bootstrap-server', '127.0.0.1:1']
    for (const args of [
      ['topics', 'list'],
      ['consume', 'a'],
      ['produce', 'a'],
    ]) {
      const { code, said } = await runCommand([...args, ...at])
      expect(code).toBe(FAILED)
      expect(said).toMatch(
        /^varve: No broker answers at 127\.0\.0\.1:1 \(connection refused\)[^\n]*\n$/,
      )
    }
  })

  it('takes the address from the environment, unless it is told one', async () => {
    const environment = { VARVE_BOOTSTRAP_SERVER: '127.0.0.1:2' }
    expect((await runCommand(['topics', 'list'], { environment })).said).toContain('127.0.0.1:2')
    const told = await runCommand(['topics', 'list', '-b', '127.0.0.1:3'], { environment })
    expect(told.said).toContain('127.0.0.1:3')
  })

  it('ends in peace when its output is closed', async () => {
    const onOutput = () => {
      throw new OutputClosedError('closed')
    }
    expect(await runCommand(['--help'], { onOutput })).toEqual({ code: DONE, output: '', said: '' })
  })
})
