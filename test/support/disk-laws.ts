import { describe, expect, it } from 'vitest'
import { type Disk, DiskError } from '../../packages/broker/src/world.ts'

/** A disk to try, and the absolute path of an empty folder on it. */
export interface DiskUnderTest {
  readonly disk: Disk
  readonly root: string
}

const bytes = (text: string) => Buffer.from(text)

/** The code that `attempt` fails with. */
export const codeOf = async (attempt: () => unknown): Promise<string> => {
  try {
    await attempt()
  } catch (error) {
    if (error instanceof DiskError) return error.code
    throw error
  }
  return 'no error'
}

/** What every disk must do, whether it is real or a model. */
export const describeDisk = (name: string, make: () => Promise<DiskUnderTest>): void => {
  describe(`${name}, as any disk`, () => {
    describeFiles(make)
    describeNames(make)
    describeFolders(make)
  })
}

const describeFiles = (make: () => Promise<DiskUnderTest>): void => {
  it('appends parts in order and reads them back', async () => {
    const { disk, root } = await make()
    const file = await disk.open(`${root}/a.log`, 'create')
    file.appendNow([bytes('one'), bytes(''), bytes('two')])
    await file.append([bytes('three')])
    expect(file.sizeBytes).toBe(11)
    expect(`${await disk.readFile(`${root}/a.log`)}`).toBe('onetwothree')
    const into = Buffer.alloc(20)
    expect(await file.read(3, into)).toBe(8)
    expect(`${into.subarray(0, 8)}`).toBe('twothree')
    expect(file.readNow(11, into)).toBe(0)
    expect(file.readNow(100, into)).toBe(0)
    await file.close()
  })

  it('writes at a position, over what is there and beyond it', async () => {
    const { disk, root } = await make()
    const file = disk.openNow(`${root}/a.log`, 'create')
    file.appendNow([bytes('abcdef')])
    file.writeNow(1, [bytes('B'), bytes('C')])
    await file.write(8, [bytes('ij')])
    expect(file.sizeBytes).toBe(10)
    expect(`${await disk.readFile(`${root}/a.log`)}`).toBe('aBCdef\0\0ij')
    await file.close()
  })

  it('cuts a file, and fills with zeros when it grows again', async () => {
    const { disk, root } = await make()
    const file = disk.openNow(`${root}/a.log`, 'create')
    file.appendNow([bytes('abcdef')])
    await file.truncate(2)
    expect(file.sizeBytes).toBe(2)
    file.truncateNow(4)
    file.appendNow([bytes('x')])
    expect(`${await disk.readFile(`${root}/a.log`)}`).toBe('ab\0\0x')
    await file.sync()
    await file.close()
  })

  it('appends more parts than one system call takes', async () => {
    const { disk, root } = await make()
    const file = disk.openNow(`${root}/a.log`, 'create')
    const parts = Array.from({ length: 3000 }, (_, index) => bytes(`${index},`))
    file.appendNow(parts)
    await file.append(parts)
    const once = Buffer.concat(parts)
    expect(await disk.readFile(`${root}/a.log`)).toEqual(Buffer.concat([once, once]))
    await file.close()
  })

  it('fails with EBADF after close', async () => {
    const { disk, root } = await make()
    const file = disk.openNow(`${root}/a.log`, 'create')
    await file.close()
    expect(await codeOf(() => file.appendNow([bytes('x')]))).toBe('EBADF')
    expect(await codeOf(() => file.sync())).toBe('EBADF')
    await file.close()
  })
}

const describeNames = (make: () => Promise<DiskUnderTest>): void => {
  it('keeps, demands or empties a file by open mode', async () => {
    const { disk, root } = await make()
    const path = `${root}/a`
    expect(await codeOf(() => disk.open(path, 'existing'))).toBe('ENOENT')
    const made = await disk.open(path, 'create')
    made.appendNow([bytes('abc')])
    await made.close()
    const kept = disk.openNow(path, 'create')
    expect(kept.sizeBytes).toBe(3)
    await kept.close()
    const emptied = disk.openNow(path, 'truncate')
    expect(emptied.sizeBytes).toBe(0)
    await emptied.close()
    expect(await codeOf(() => disk.openNow(`${root}/none/a`, 'create'))).toBe('ENOENT')
  })

  it('replaces a file as a whole and leaves no other file behind', async () => {
    const { disk, root } = await make()
    await disk.writeFileAtomically(`${root}/a`, bytes('first, and longer'))
    await disk.writeFileAtomically(`${root}/a`, bytes('second'))
    expect(`${await disk.readFile(`${root}/a`)}`).toBe('second')
    expect(await disk.readFile(`${root}/b`)).toBeUndefined()
    expect((await disk.list(root))?.map(entry => entry.name)).toEqual(['a'])
  })

  it('renames over a file, and an open handle keeps what it had', async () => {
    const { disk, root } = await make()
    const old = disk.openNow(`${root}/old`, 'create')
    old.appendNow([bytes('old')])
    await disk.writeFileAtomically(`${root}/new`, bytes('new'))
    await disk.rename(`${root}/new`, `${root}/old`)
    expect(`${await disk.readFile(`${root}/old`)}`).toBe('new')
    const into = Buffer.alloc(3)
    expect(old.readNow(0, into)).toBe(3)
    expect(`${into}`).toBe('old')
    await old.close()
    expect(await codeOf(() => disk.rename(`${root}/new`, `${root}/x`))).toBe('ENOENT')
  })

  it('removes a file once', async () => {
    const { disk, root } = await make()
    await disk.writeFileAtomically(`${root}/a`, bytes('a'))
    await disk.remove(`${root}/a`)
    expect(await disk.readFile(`${root}/a`)).toBeUndefined()
    expect(await codeOf(() => disk.remove(`${root}/a`))).toBe('ENOENT')
  })
}

const describeFolders = (make: () => Promise<DiskUnderTest>): void => {
  it('makes, lists, renames and removes folders', async () => {
    const { disk, root } = await make()
    await disk.makeDirectory(`${root}/x/y`)
    await disk.makeDirectory(`${root}/x/y`)
    await disk.writeFileAtomically(`${root}/x/y/file`, bytes('12345'))
    await disk.rename(`${root}/x`, `${root}/z`)
    expect(await disk.list(`${root}/x`)).toBeUndefined()
    expect(await disk.list(`${root}/z`)).toMatchObject([{ name: 'y', isDirectory: true }])
    const entries = await disk.list(`${root}/z/y`)
    expect(entries).toMatchObject([{ name: 'file', isDirectory: false, sizeBytes: 5 }])
    await disk.syncDirectory(`${root}/z`)
    await disk.removeDirectory(`${root}/z`)
    await disk.removeDirectory(`${root}/z`)
    expect(await disk.list(root)).toEqual([])
    expect(await codeOf(() => disk.syncDirectory(`${root}/z`))).toBe('ENOENT')
  })

  it('gives a folder to one owner at a time', async () => {
    const { disk, root } = await make()
    const lock = await disk.lock(root)
    expect(await codeOf(() => disk.lock(root))).toBe('ELOCKED')
    await lock.release()
    const again = await disk.lock(root)
    await again.release()
  })

  it('knows its space', async () => {
    const { disk, root } = await make()
    const { freeBytes, totalBytes } = await disk.space(root)
    expect(freeBytes).toBeGreaterThan(0)
    expect(totalBytes).toBeGreaterThanOrEqual(freeBytes)
  })
}
