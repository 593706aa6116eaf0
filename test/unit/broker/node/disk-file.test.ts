import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { NodeDisk } from '../../../../packages/broker/src/node/disk.ts'
import { codeOf } from '../../../support/disk-laws.ts'

const base = fs.mkdtempSync(join(tmpdir(), 'varve-disk-'))
afterAll(() => fs.rmSync(base, { recursive: true, force: true }))

const make = async () => ({ disk: new NodeDisk(), root: fs.mkdtempSync(join(base, 'root-')) })

describe('a file of the node disk', () => {
  it('waits for what is under way before it closes a file', async () => {
    const { disk, root } = await make()
    const file = disk.openNow(`${root}/a`, 'create')
    const writing = file.append([Buffer.alloc(5_000_000, 1)])
    const closing = file.close()
    await writing
    await closing
    expect(fs.statSync(`${root}/a`).size).toBe(5_000_000)
  })

  it('cuts a half-written append back when the disk is full', async ({ skip }) => {
    if (!fs.existsSync('/dev/full')) skip()
    const { disk } = await make()
    const file = disk.openNow('/dev/full', 'existing')
    expect(await codeOf(() => file.appendNow([Buffer.from('x')]))).toMatch(/ENOSPC|EIO/)
    await file.close()
  })

  it('reads what the system reads, however small its answers are', async ({ skip }) => {
    if (!fs.existsSync('/proc/self/maps')) skip()
    const { disk, root } = await make()
    const file = disk.openNow(`${root}/a`, 'create')
    file.appendNow(Array.from({ length: 2_500 }, (_, index) => Buffer.of(index % 256)))
    const into = Buffer.alloc(2_500)
    expect(await file.read(0, into)).toBe(2_500)
    expect(into[2_049]).toBe(1)
    await file.close()
  })

  it('says that a folder cannot be opened for writing', async () => {
    const { disk, root } = await make()
    expect(await codeOf(() => disk.openNow(root, 'create'))).toBe('EISDIR')
  })
})
