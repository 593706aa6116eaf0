import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { ReadOnlyDisk } from '../../../../packages/broker/src/node/read-only-disk.ts'

it('reads files and folders, and changes nothing', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'varve-'))
  try {
    const path = join(folder, 'a')
    writeFileSync(path, 'hello')
    const disk = new ReadOnlyDisk()
    expect(await disk.readFile(path)).toEqual(Buffer.from('hello'))
    expect(await disk.readFile(join(folder, 'b'))).toBeUndefined()
    expect(await disk.list(folder)).toMatchObject([{ name: 'a', sizeBytes: 5 }])
    expect((await disk.space(folder)).totalBytes).toBeGreaterThan(0)
    const file = await disk.open(path)
    const into = Buffer.alloc(10)
    expect(await file.read(1, into)).toBe(4)
    await expect(file.write(0, [Buffer.from('x')])).rejects.toMatchObject({ code: 'EBADF' })
    await file.close()
    for (const change of [
      disk.writeFileAtomically(path),
      disk.rename(path),
      disk.remove(path),
      disk.removeDirectory(folder),
      disk.makeDirectory(folder),
      disk.syncDirectory(folder),
      disk.lock(folder),
    ])
      await expect(change).rejects.toMatchObject({ name: 'DiskError', code: 'EROFS' })
    expect(() => disk.removeNow(path)).toThrow('EROFS')
    await expect(disk.open(join(folder, 'c'))).rejects.toMatchObject({ code: 'ENOENT' })
    expect(readFileSync(path, 'utf8')).toBe('hello')
  } finally {
    rmSync(folder, { recursive: true })
  }
})
