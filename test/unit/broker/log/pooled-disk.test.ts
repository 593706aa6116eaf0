import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { PooledDisk } from '../../../../packages/broker/src/log/pooled-disk.ts'
import { NodeDisk } from '../../../../packages/broker/src/node/disk.ts'
import { DiskImage } from '../../../support/disk-image.ts'
import { describeDisk } from '../../../support/disk-laws.ts'
import { ModelDisk } from '../../../support/model-disk.ts'

const base = fs.mkdtempSync(join(tmpdir(), 'varve-pooled-'))
afterAll(() => fs.rmSync(base, { recursive: true, force: true }))

describeDisk('a pooled disk that keeps nothing open', async () => ({
  disk: new PooledDisk(new NodeDisk(), 0),
  root: fs.mkdtempSync(join(base, 'root-')),
}))

/** `count` files of one byte each, all synced, on a disk that keeps some of them open. */
async function given(count: number, openFilesMax = 2) {
  const under = new ModelDisk(new DiskImage())
  await under.makeDirectory('/data')
  const disk = new PooledDisk(under, openFilesMax)
  const files = Array.from({ length: count }, (_, index) =>
    disk.openNow(`/data/${index}.log`, 'create'),
  )
  for (const [index, file] of files.entries()) {
    file.appendNow([Buffer.from(String(index))])
    await file.sync()
  }
  const read = (index: number): string => {
    const into = Buffer.alloc(9)
    const count = files[index]?.readNow(0, into) ?? 0
    return into.subarray(0, count).toString()
  }
  return { under, disk, files, read }
}

describe('a pooled disk', () => {
  it('has no more files open than it may, and all of them can be used', async () => {
    const { under, disk, files, read } = await given(9)
    for (let round = 0; round < 3; round++)
      for (const index of files.keys()) expect(read(index)).toBe(String(index))
    expect(disk.openFiles).toBeLessThanOrEqual(3)
    expect(under.openPaths.length).toBe(disk.openFiles)
    files[4]?.appendNow([Buffer.from('!')])
    expect([read(4), files[4]?.sizeBytes]).toEqual(['4!', 2])
  })

  it('leaves open what is used again and again', async () => {
    const { under, read } = await given(8, 4)
    read(7)
    for (let round = 0; round < 20; round++) {
      read(7)
      read(round % 6)
      expect(under.openPaths).toContain('/data/7.log')
    }
  })

  it('leaves open what is not synced, however much that is, until it is', async () => {
    const { under, disk, files } = await given(0)
    for (let index = 0; index < 9; index++) {
      files.push(disk.openNow(`/data/${index}.log`, 'create'))
      files[index]?.appendNow([Buffer.from('x')])
    }
    expect(under.openPaths).toHaveLength(9)
    for (const file of files) await file.sync()
    for (const file of files) await file.sync()
    expect(under.openPaths.length).toBeLessThanOrEqual(3)
  })

  it('leaves open what is being read', async () => {
    const { under, disk, files } = await given(1)
    const reading = files[0]?.read(0, Buffer.alloc(1))
    for (let index = 1; index < 9; index++) disk.openNow(`/data/${index}.log`, 'create')
    expect(under.openPaths).toContain('/data/0.log')
    expect(await reading).toBe(1)
  })

  it('opens a file before its name goes, and keeps it open', async () => {
    const { disk, read } = await given(9)
    await disk.rename('/data/0.log', '/data/0.log.deleted')
    await disk.remove('/data/1.log')
    await disk.rename('/data/3.log', '/data/2.log')
    for (let index = 4; index < 9; index++) read(index)
    expect([read(0), read(1), read(2), read(3)]).toEqual(['0', '1', '2', '3'])
  })

  it('reads nothing of another file that took the name of one which could not be opened in time', async () => {
    const { under, disk, read } = await given(9)
    under.fault = call => (call === 'open' ? 'EMFILE' : undefined)
    await disk.rename('/data/1.log', '/data/0.log')
    under.fault = () => undefined
    expect(() => read(0)).toThrow('EMFILE')
    expect(read(2)).toBe('2')
  })

  it('never closes a file whose sync has failed (L6)', async () => {
    const { under, disk, files } = await given(1)
    files[0]?.appendNow([Buffer.from('x')])
    under.fault = call => (call === 'sync' ? 'EIO' : undefined)
    await expect(files[0]?.sync()).rejects.toThrow('EIO')
    for (let index = 1; index < 9; index++) await disk.open(`/data/${index}.log`, 'create')
    expect(under.openPaths).toContain('/data/0.log')
  })
})
