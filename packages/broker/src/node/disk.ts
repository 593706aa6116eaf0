import * as fs from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { DirectoryEntry, DirectoryLock, Disk, DiskFile, OpenMode } from '../world.ts'
import { codeOf, diskErrorOf } from './disk-error.ts'
import { NodeDiskFile } from './disk-file.ts'
import { lockDirectory } from './disk-lock.ts'

const flagsOf = {
  create: fs.constants.O_RDWR | fs.constants.O_CREAT,
  existing: fs.constants.O_RDWR,
  truncate: fs.constants.O_RDWR | fs.constants.O_CREAT | fs.constants.O_TRUNC,
} as const satisfies Record<OpenMode, number>

const syncDescriptor = promisify(fs.fsync)
const SMALL_FILE_BYTES = 64 * 1024

/** The file system of this machine. */
export class NodeDisk implements Disk {
  async open(path: string, mode: OpenMode): Promise<DiskFile> {
    return this.openNow(path, mode)
  }

  openNow(path: string, mode: OpenMode): DiskFile {
    try {
      const descriptor = fs.openSync(path, flagsOf[mode], 0o644)
      return new NodeDiskFile(path, descriptor, fs.fstatSync(descriptor).size)
    } catch (error) {
      throw diskErrorOf('open', path, error)
    }
  }

  /** A small file is read at once: that takes a tenth of what handing it to another thread does, and a start reads many. */
  async readFile(path: string): Promise<Buffer | undefined> {
    try {
      const small = readUpTo(path, SMALL_FILE_BYTES)
      return small === 'large' ? await fs.promises.readFile(path) : small
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return undefined
      throw diskErrorOf('read', path, error)
    }
  }

  readFileNow(path: string): Buffer | undefined {
    try {
      const content = readUpTo(path, Number.MAX_SAFE_INTEGER)
      return content === 'large' ? undefined : content
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return undefined
      throw diskErrorOf('read', path, error)
    }
  }

  async writeFileAtomically(path: string, content: Uint8Array): Promise<void> {
    const temporary = `${path}.tmp`
    const file = this.openNow(temporary, 'truncate')
    try {
      if (content.length <= SMALL_FILE_BYTES) file.appendNow([content])
      else await file.append([content])
      await file.sync()
    } catch (error) {
      // What is left of it takes space, which it may have failed for.
      await fs.promises.rm(temporary, { force: true }).catch(() => undefined)
      throw error
    } finally {
      await file.close()
    }
    await this.rename(temporary, path)
    await this.syncDirectory(dirname(path))
  }

  async rename(from: string, to: string): Promise<void> {
    await attempt('rename', from, () => fs.promises.rename(from, to))
  }

  async remove(path: string): Promise<void> {
    await attempt('remove', path, () => fs.promises.unlink(path))
  }

  removeNow(path: string): void {
    try {
      fs.unlinkSync(path)
    } catch (error) {
      throw diskErrorOf('remove', path, error)
    }
  }

  async removeDirectory(path: string): Promise<void> {
    await attempt('remove', path, () => fs.promises.rm(path, { recursive: true, force: true }))
  }

  async makeDirectory(path: string): Promise<void> {
    await attempt('make', path, () => makeWithParents(path))
  }

  async list(
    path: string,
    isAsked?: (name: string) => boolean,
  ): Promise<readonly DirectoryEntry[] | undefined> {
    return this.listNow(path, isAsked)
  }

  listNow(
    path: string,
    isAsked?: (name: string) => boolean,
  ): readonly DirectoryEntry[] | undefined {
    try {
      // The names of a folder come at once, as its small files do.
      const entries = fs.readdirSync(path, { withFileTypes: true })
      const found = entries.map(entry =>
        entry.isFile() && isAsked?.(entry.name) === false
          ? { name: entry.name, isDirectory: false, sizeBytes: 0, modifiedMs: 0 }
          : describeEntry(path, entry),
      )
      return found.filter(entry => entry !== undefined).sort((a, b) => (a.name < b.name ? -1 : 1))
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return undefined
      throw diskErrorOf('list', path, error)
    }
  }

  async syncDirectory(path: string): Promise<void> {
    await attempt('sync', path, async () => {
      const descriptor = fs.openSync(path, fs.constants.O_RDONLY | fs.constants.O_DIRECTORY)
      try {
        await syncDescriptor(descriptor)
      } finally {
        fs.closeSync(descriptor)
      }
    })
  }

  lock(directory: string): Promise<DirectoryLock> {
    return lockDirectory(directory)
  }

  async space(path: string): Promise<{ readonly freeBytes: number; readonly totalBytes: number }> {
    const { bavail, blocks, bsize } = await attempt('measure', path, () => fs.promises.statfs(path))
    return { freeBytes: bavail * bsize, totalBytes: blocks * bsize }
  }
}

/** An entry of a folder; undefined when it vanished meanwhile. Sizes are asked for files only: folders have none of interest. */
const describeEntry = (directory: string, entry: fs.Dirent): DirectoryEntry | undefined => {
  const { name } = entry
  if (entry.isDirectory()) return { name, isDirectory: true, sizeBytes: 0, modifiedMs: 0 }
  const stat = fs.statSync(join(directory, name), { throwIfNoEntry: false })
  if (stat === undefined) return undefined
  return {
    name,
    isDirectory: stat.isDirectory(),
    sizeBytes: stat.size,
    modifiedMs: Math.floor(stat.mtimeMs),
  }
}

/** The content of a file of up to `bytesMax`, or undefined when there is none; the caller has to read a larger one itself. */
const readUpTo = (path: string, bytesMax: number): Buffer | 'large' | undefined => {
  // Asked for first: opening a file that is not there makes an error, which costs more than all the rest.
  const size = fs.statSync(path, { throwIfNoEntry: false })?.size
  if (size === undefined) return undefined
  if (size > bytesMax) return 'large'
  const descriptor = fs.openSync(path, fs.constants.O_RDONLY)
  try {
    // Of its own memory: whoever keeps a few bytes of it would keep all of a pool's.
    const content = Buffer.allocUnsafeSlow(size)
    let done = 0
    while (done < size) {
      const count = fs.readSync(descriptor, content, done, size - done, done)
      if (count === 0) break
      done += count
    }
    return done === size ? content : content.subarray(0, done)
  } finally {
    fs.closeSync(descriptor)
  }
}

const attempt = async <T>(what: string, path: string, run: () => Promise<T>): Promise<T> => {
  try {
    return await run()
  } catch (error) {
    throw diskErrorOf(what, path, error)
  }
}

/** Not Node's own `recursive`: that never returns where a parent is there and its child cannot be made, as in /proc. */
async function makeWithParents(path: string): Promise<void> {
  if (await isDirectory(path)) return
  const parent = dirname(path)
  if (parent !== path) await makeWithParents(parent)
  await fs.promises.mkdir(path).catch(async (error: unknown) => {
    // Somebody else may have made it meanwhile.
    if (!(await isDirectory(path))) throw error
  })
}

async function isDirectory(path: string): Promise<boolean> {
  return (await fs.promises.stat(path).catch(() => undefined))?.isDirectory() === true
}
