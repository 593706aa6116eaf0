import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { nodeLog, silentLog } from '../../../../packages/broker/src/node/log.ts'

const folder = mkdtempSync(join(tmpdir(), 'varve-log-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const linesIn = (path: string) =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line) as { [field: string]: unknown })

describe('the log', () => {
  it('writes JSON lines from its level on, those from before pino was loaded first', async () => {
    const path = join(folder, 'a')
    const fd = openSync(path, 'w')
    const log = nodeLog({ fd, level: 'info' })
    log.debug('dropped')
    log.info('first', { topic: 'orders' })
    await import('pino')
    await new Promise(resolve => setImmediate(resolve))
    log.with({ partition: 3 }).error('second', { reason: new Error('broken') })
    log.flush()
    closeSync(fd)
    expect(linesIn(path)).toMatchObject([
      { level: 30, msg: 'first', topic: 'orders' },
      { level: 50, msg: 'second', partition: 3, reason: { message: 'broken' } },
    ])
  })

  it('writes what is queued when the process is about to end', () => {
    const path = join(folder, 'b')
    const fd = openSync(path, 'w')
    const log = nodeLog({ fd, level: 'info' })
    log.warn('last words', { offset: 7 })
    log.flush()
    expect(linesIn(path)).toMatchObject([{ level: 40, msg: 'last words', offset: 7 }])
  })

  it('says nothing inside somebody else\u2019s process', () => {
    expect(silentLog.with({})).toBe(silentLog)
    expect(silentLog.error('unheard')).toBeUndefined()
  })
})
