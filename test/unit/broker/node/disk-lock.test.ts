import { spawn } from 'node:child_process'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { NodeDisk } from '../../../../packages/broker/src/node/disk.ts'
import { isDirectoryLocked } from '../../../../packages/broker/src/node/disk-lock.ts'
import { codeOf } from '../../../support/disk-laws.ts'

const base = fs.mkdtempSync(join(tmpdir(), 'varve-disk-'))
afterAll(() => fs.rmSync(base, { recursive: true, force: true }))

const make = async () => ({ disk: new NodeDisk(), root: fs.mkdtempSync(join(base, 'root-')) })

/** Locks the folder from another process. */
const startHolder = async (root: string) => {
  const script = fileURLToPath(new URL('../../../support/lock-holder.ts', import.meta.url))
  const options = ['--import', 'tsx', script, root]
  const holder = spawn(process.execPath, options, { stdio: ['ignore', 'pipe', 'inherit'] })
  await new Promise(resolve => holder.stdout.once('data', resolve))
  return holder
}

describe('the lock of a data folder', () => {
  it('refuses a folder that a living process holds and takes it over once that was killed', async () => {
    const { disk, root } = await make()
    const holder = await startHolder(root)
    try {
      expect(await codeOf(() => disk.lock(root))).toBe('ELOCKED')
    } finally {
      const ended = new Promise(resolve => holder.once('exit', resolve))
      holder.kill('SIGKILL')
      await ended
    }
    expect(fs.existsSync(join(root, '.lock'))).toBe(true)
    const lock = await disk.lock(root)
    await lock.release()
    expect(fs.readdirSync(root)).toEqual([])
  })

  it('can be asked for without taking it', async () => {
    const { disk, root } = await make()
    expect(await isDirectoryLocked(root)).toBe(false)
    const lock = await disk.lock(root)
    const held = fs.readFileSync(join(root, '.lock'), 'utf8')
    expect(await isDirectoryLocked(root)).toBe(true)
    expect(fs.readFileSync(join(root, '.lock'), 'utf8')).toBe(held)
    await lock.release()
    fs.writeFileSync(join(root, '.lock'), JSON.stringify({ ...JSON.parse(held), startTime: '1' }))
    expect(await isDirectoryLocked(root)).toBe(false)
    expect(fs.readdirSync(root)).toEqual(['.lock'])
  })

  it('takes over a lock whose process id now belongs to another process', async () => {
    const { disk, root } = await make()
    const lock = await disk.lock(root)
    const path = join(root, '.lock')
    const held = JSON.parse(fs.readFileSync(path, 'utf8'))
    await lock.release()
    fs.writeFileSync(path, JSON.stringify({ ...held, startTime: '1' }))
    const again = await disk.lock(root)
    await again.release()
  })

  it('takes over a lock from before the last boot, and the empty one that Kafka leaves', async () => {
    const { disk, root } = await make()
    const path = join(root, '.lock')
    fs.writeFileSync(path, '')
    const lock = await disk.lock(root)
    const held = JSON.parse(fs.readFileSync(path, 'utf8'))
    await lock.release()
    fs.writeFileSync(path, JSON.stringify({ ...held, boot: 'another' }))
    const again = await disk.lock(root)
    await again.release()
  })

  it('says why a folder cannot be locked', async () => {
    const { disk, root } = await make()
    expect(await codeOf(() => disk.lock(`${root}/none`))).toBe('ENOENT')
  })
})
