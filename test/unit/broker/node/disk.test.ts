import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { NodeDisk } from '../../../../packages/broker/src/node/disk.ts'
import { describeDisk } from '../../../support/disk-laws.ts'

const base = fs.mkdtempSync(join(tmpdir(), 'varve-disk-'))
afterAll(() => fs.rmSync(base, { recursive: true, force: true }))

const make = async () => ({ disk: new NodeDisk(), root: fs.mkdtempSync(join(base, 'root-')) })

describeDisk('the node disk', make)

describe('a folder of the node disk', () => {
  it('is made with its parents, and may be there already', async () => {
    const { disk, root } = await make()
    await disk.makeDirectory(`${root}/a/b/c`)
    await disk.makeDirectory(`${root}/a/b/c`)
    expect(fs.statSync(`${root}/a/b/c`).isDirectory()).toBe(true)
  })

  it('is refused where a file has its name or that of a parent', async () => {
    const { disk, root } = await make()
    fs.writeFileSync(`${root}/file`, '')
    await expect(disk.makeDirectory(`${root}/file`)).rejects.toMatchObject({ code: 'EEXIST' })
    await expect(disk.makeDirectory(`${root}/file/a`)).rejects.toMatchObject({ name: 'DiskError' })
  })

  it.runIf(fs.existsSync('/proc/self'))(
    'is refused where nobody can make one (only where there is /proc)',
    async () => {
      const { disk } = await make()
      const made = disk.makeDirectory('/proc/varve/data')
      await expect(made).rejects.toMatchObject({ name: 'DiskError', code: 'ENOENT' })
    },
  )
})

describe('a file of the node disk', () => {
  it.each([0, 1, 64 * 1024, 64 * 1024 + 1, 300_000])('is read whole with %i bytes', async size => {
    const { disk, root } = await make()
    const content = Buffer.alloc(size, 'varve')
    fs.writeFileSync(`${root}/file`, content)
    expect(await disk.readFile(`${root}/file`)).toEqual(content)
    expect(disk.readFileNow(`${root}/file`)).toEqual(content)
  })

  it('is undefined where there is none, also to who cannot wait, and an error where it is a folder', async () => {
    const { disk, root } = await make()
    expect([disk.readFileNow(`${root}/none`), disk.listNow(`${root}/none`)]).toEqual([
      ...[undefined, undefined],
    ])
    fs.mkdirSync(`${root}/folder`)
    expect(() => disk.readFileNow(`${root}/folder`)).toThrow('EISDIR')
    expect(disk.listNow(root)).toEqual(await disk.list(root))
  })

  it('lies in memory of its own, so that keeping it keeps nothing else', async () => {
    const { disk, root } = await make()
    fs.writeFileSync(`${root}/file`, 'twelve bytes')
    expect((await disk.readFile(`${root}/file`))?.buffer.byteLength).toBe(12)
  })
})
