import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startBroker } from '@varve/broker'
import { Varve } from '@varve/client'
import { expect, it } from 'vitest'
import { runCommand } from '../../../support/varve-command.ts'

async function withData(test: (data: string) => Promise<void>): Promise<void> {
  const data = mkdtempSync(join(tmpdir(), 'varve-'))
  try {
    const broker = await startBroker({ directory: data })
    {
      await using producer = new Varve({ brokers: [broker.address] }).producer()
      for (const value of ['a', 'b']) await producer.send({ topic: 'orders', value })
    }
    const refused = await runCommand(['log', 'verify', '--data', data])
    expect(refused).toMatchObject({ code: 1, output: '' })
    expect(refused.said).toContain(`A broker runs in ${data}: stop it first`)
    await broker.stop()
    await test(data)
  } finally {
    rmSync(data, { recursive: true })
  }
}

it('log verify refuses beside a broker, and finds nothing wrong in what it has left', async () => {
  await withData(async data => {
    const all = await runCommand(['log', 'verify', '--data', data])
    expect(all.code).toBe(0)
    expect(all.output).toContain('orders-0: ok, offsets 0 to 2, 2 record batches\n')
    expect(all.said).toMatch(/^2 logs, \d+ record batches, \d+ bytes: nothing is damaged\n$/)
    const json = await runCommand(['log', 'verify', 'orders', '--json', '--data', data])
    expect(JSON.parse(json.output.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({
      ...{ folder: 'orders-0', batchCount: 2, findings: [] },
    })
    const none = await runCommand(['log', 'verify', 'nothing', '--data', data])
    expect([none.code, none.said]).toEqual([1, expect.stringContaining('There is no log at')])
  })
})

it('log verify says what is damaged, where, what it means and what to do, and ends with 1', async () => {
  await withData(async data => {
    const path = join(data, 'orders-0', '00000000000000000000.log')
    const bytes = readFileSync(path)
    const last = bytes.length - 1
    bytes[last] = (bytes[last] ?? 0) ^ 1
    writeFileSync(path, bytes)
    const { code, output, said } = await runCommand(['log', 'verify', 'orders-0', '--data', data])
    expect(code).toBe(1)
    const position = bytes.length / 2
    expect(output).toContain('orders-0: DAMAGED, offsets 0 to 1, 1 record batch\n')
    expect(output).toContain(
      `  corruption: orders-0/00000000000000000000.log, position ${position}, offset 1\n` +
        `    The record batch at position ${position} is bad: its checksum is wrong. It was durable`,
    )
    expect(output).toContain('Put the file back from a copy')
    expect(said).toMatch(/^varve: 2 damages in 1 log, 1 record batch, \d+ bytes\n$/)
    expect(readFileSync(path)).toEqual(bytes)
  })
})
