import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startBroker } from '@varve/broker'
import { ApiVersions } from '@varve/protocol'
import { afterAll, describe, expect, it } from 'vitest'
import { startBrokerProcess } from '../support/processes.ts'
import { RawConnection } from '../support/raw-connection.ts'

const main = fileURLToPath(new URL('../../packages/broker/src/main.ts', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'varve-main-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Runs the program until it ends by itself. */
async function run(args: readonly string[], env: { [name: string]: string } = {}) {
  const child = spawn(
    process.execPath,
    ['--conditions=@varve/source', '--import', 'tsx', main, ...args],
    {
      cwd: fileURLToPath(new URL('../..', import.meta.url)),
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  const [out, err]: Buffer[][] = [[], []]
  child.stdout.on('data', (chunk: Buffer) => out?.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => err?.push(chunk))
  const [code] = (await once(child, 'close')) as [number | null]
  return {
    code,
    out: Buffer.concat(out ?? []).toString(),
    err: Buffer.concat(err ?? []).toString(),
  }
}

describe('the broker program', () => {
  it('says in one sentence that the port is in use', async () => {
    await using other = await startBroker({ storage: 'memory' })
    const { code, err } = await run(['--port', String(other.port), '--data', join(folder, 'a')])
    expect(code).toBe(1)
    expect(err).toBe(
      `Varve could not listen on 127.0.0.1:${other.port}: the port is in use; choose another with --port.\n`,
    )
    expect(existsSync(join(folder, 'a', '.kafka_cleanshutdown'))).toBe(true)
  })

  it('says in one sentence that the data folder is in use', async () => {
    await using other = await startBroker()
    const { code, err } = await run(['--port', '0', '--data', other.directory ?? ''])
    expect(code).toBe(1)
    expect(err).toBe(
      `Varve could not use the data folder ${other.directory}: another broker is using it.\n`,
    )
  })

  it('says in one sentence that the data folder is none', async () => {
    writeFileSync(join(folder, 'file'), '')
    const { code, err } = await run(['--port', '0', '--data', join(folder, 'file')])
    expect(code).toBe(1)
    expect(err).toMatch(/^Varve could not use the data folder: .* is not a folder\.\n$/)
  })

  it('says in one sentence what is wrong with a setting, an option or the configuration file', async () => {
    const bad = await run(['--override', 'log.segment.bytes=many'])
    expect([bad.code, bad.err]).toEqual([
      1,
      expect.stringMatching(/^log\.segment\.bytes has "many"; expected [^\n]+\n$/),
    ])
    const mistyped = await run([], { KAFKA_LOG_RETENTOIN_MS: '5' })
    expect([mistyped.code, mistyped.err]).toEqual([
      1,
      expect.stringMatching(/did you mean log\.retention\.ms\?\n$/),
    ])
    const unknown = await run(['--prot', '1'])
    expect([unknown.code, unknown.err]).toEqual([
      1,
      '--prot is no option of the broker; --help lists them.\n',
    ])
    const file = await run(['--config', 'missing.properties'])
    expect([file.code, file.err]).toEqual([
      1,
      'The configuration file missing.properties cannot be read.\n',
    ])
  })

  it('helps', async () => {
    const { code, out } = await run(['--help'])
    expect(code).toBe(0)
    expect(out).toContain('--override KEY=VALUE')
  })

  it('says where it is, and stops cleanly when it is asked to', async () => {
    const dataFolder = join(folder, 'clean')
    await using broker = await startBrokerProcess({ dataFolder })
    await using connection = await RawConnection.open({ host: '127.0.0.1', port: broker.port })
    expect((await connection.request(ApiVersions, 0, {})).errorCode).toBe(0)
    expect(existsSync(join(dataFolder, '.kafka_cleanshutdown'))).toBe(false)
    expect(await broker.stop()).toBe(0)
    expect(broker.output()).toContain(`address      127.0.0.1:${broker.port}`)
    expect(broker.output()).toContain(`data folder  ${dataFolder}`)
    expect(broker.output()).toContain('durability   durable')
    expect(existsSync(join(dataFolder, '.kafka_cleanshutdown'))).toBe(true)
    expect(existsSync(join(dataFolder, '__journal'))).toBe(false)
    expect(existsSync(join(dataFolder, '.lock'))).toBe(false)
  })
})
