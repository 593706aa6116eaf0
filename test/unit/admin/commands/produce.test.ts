import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startBroker } from '@varve/broker'
import { describe, expect, it } from 'vitest'
import { runCommand } from '../../../support/varve-command.ts'

async function consumed(topic: string, at: readonly string[]) {
  const { output } = await runCommand(['consume', topic, '--json', ...at])
  return output
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line) as Record<string, unknown>)
}

describe('produce', () => {
  it('writes a record for each line, empty ones too, and says how many', async () => {
    await using broker = await startBroker({ storage: 'memory' })
    const at = ['-b', broker.address]
    const sent = await runCommand(['produce', 'lines', ...at], { input: 'one\n\ntwo\r\nlast' })
    expect(sent).toEqual({ code: 0, output: '', said: '4 records written to lines\n' })
    expect((await consumed('lines', at)).map(record => record['value'])).toEqual([
      'one',
      '',
      'two',
      'last',
    ])
    const nothing = await runCommand(['produce', 'lines', ...at])
    expect(nothing).toEqual({ code: 0, output: '', said: '0 records written to lines\n' })
  })

  it('takes keys from lines, and stops at one without', async () => {
    await using broker = await startBroker({ storage: 'memory' })
    const at = ['-b', broker.address]
    const sent = await runCommand(['produce', 'keyed', '-k', '::', ...at], {
      input: 'a::1\n::2\nb::3::4\nno\nc::5\n',
    })
    expect(sent.code).toBe(1)
    expect(sent.said).toBe(
      '3 records written to keyed\nvarve: Line 4 cannot be sent: there is no "::" between key and value\n',
    )
    expect((await consumed('keyed', at)).map(({ key, value }) => [key, value])).toEqual([
      ['a', '1'],
      ['', '2'],
      ['b', '3::4'],
    ])
  })

  it('reads JSON lines from a file, with everything that a record has', async () => {
    await using broker = await startBroker({ storage: 'memory' })
    const at = ['-b', broker.address]
    const folder = mkdtempSync(join(tmpdir(), 'varve-produce-'))
    try {
      const file = join(folder, 'orders.jsonl')
      const lines = [
        { key: 'k', value: 'v', headers: { h: '1' }, partition: 0, timestamp: 1_700_000_000_000 },
        { value: { amount: 3 } },
        { key: 'k', value: null },
        { valueBase64: '//4=', timestamp: '2023-11-14T22:13:20Z' },
      ]
      writeFileSync(file, lines.map(line => `${JSON.stringify(line)}\n`).join('\n'))
      const sent = await runCommand([
        'produce',
        'orders',
        '--file',
        file,
        '--json',
        '--compression',
        'zstd',
        ...at,
      ])
      expect(sent).toEqual({ code: 0, output: '', said: '4 records written to orders\n' })
      expect(await consumed('orders', at)).toMatchObject([
        { key: 'k', value: 'v', headers: [{ key: 'h', value: '1' }], timestamp: 1_700_000_000_000 },
        { key: null, value: '{"amount":3}' },
        { key: 'k', value: null },
        { valueBase64: '//4=', timestamp: 1_700_000_000_000 },
      ])
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('says in one line why a file or a line cannot be sent', async () => {
    await using broker = await startBroker({ storage: 'memory' })
    const at = ['-b', broker.address]
    const missing = await runCommand(['produce', 'a', '--file', '/nowhere/at-all', ...at])
    expect(missing).toMatchObject({ code: 1, said: 'varve: There is no file /nowhere/at-all\n' })
    const wrong = await runCommand(['produce', 'a', '--json', ...at], {
      input: '{"value":"1"}\n{"amount":2}\n',
    })
    expect(wrong.code).toBe(1)
    expect(wrong.said).toMatch(
      /^1 record written to a\nvarve: Line 2 cannot be sent: there is no field "amount"[^\n]+\n$/,
    )
  })

  it('says why the broker refuses', async () => {
    await using broker = await startBroker({
      storage: 'memory',
      settings: { 'auto.create.topics.enable': false },
    })
    const refused = await runCommand(['produce', 'gone', '-b', broker.address, '--timeout', '2'], {
      input: 'a\n',
    })
    expect(refused.code).toBe(1)
    expect(refused.said).toMatch(/^0 records written to gone\nvarve: [^\n]+\n$/)
  })

  it('keeps the order of a large input', async () => {
    await using broker = await startBroker({ storage: 'memory' })
    const at = ['-b', broker.address]
    const lines = Array.from({ length: 50_000 }, (_, index) => `record ${index}`)
    const chunks = (async function* () {
      const bytes = Buffer.from(lines.join('\n'))
      for (let start = 0; start < bytes.length; start += 10_000)
        yield bytes.subarray(start, start + 10_000)
    })()
    const sent = await runCommand(['produce', 'many', '-p', '0', ...at], { input: chunks })
    expect(sent).toMatchObject({ code: 0, said: '50000 records written to many\n' })
    const { output } = await runCommand(['consume', 'many', ...at])
    expect(output === `${lines.join('\n')}\n`).toBe(true)
  })
})
