import * as fs from 'node:fs'
import {
  type DirectoryEntry,
  type DirectoryLock,
  type Disk,
  DiskError,
  type DiskFile,
} from '../world.ts'
import { NodeDisk } from './disk.ts'
import { diskErrorOf } from './disk-error.ts'
import { NodeDiskFile } from './disk-file.ts'

/** The file system of this machine for who only looks: files are opened for reading, and everything that would change something fails with `EROFS`. */
export class ReadOnlyDisk implements Disk {
  readonly #disk = new NodeDisk()

  async open(path: string): Promise<DiskFile> {
    return this.openNow(path)
  }

  openNow(path: string): DiskFile {
    try {
      const descriptor = fs.openSync(path, fs.constants.O_RDONLY)
      return new NodeDiskFile(path, descriptor, fs.fstatSync(descriptor).size)
    } catch (error) {
      throw diskErrorOf('open', path, error)
    }
  }

  readFile(path: string): Promise<Buffer | undefined> {
    return this.#disk.readFile(path)
  }

  readFileNow(path: string): Buffer | undefined {
    return this.#disk.readFileNow(path)
  }

  listNow(path: string): readonly DirectoryEntry[] | undefined {
    return this.#disk.listNow(path)
  }

  list(path: string): Promise<readonly DirectoryEntry[] | undefined> {
    return this.#disk.list(path)
  }

  space(path: string): Promise<{ readonly freeBytes: number; readonly totalBytes: number }> {
    return this.#disk.space(path)
  }

  writeFileAtomically(path: string): Promise<void> {
    return refused('write', path)
  }

  rename(from: string): Promise<void> {
    return refused('rename', from)
  }

  remove(path: string): Promise<void> {
    return refused('remove', path)
  }

  removeNow(path: string): void {
    throw new DiskError('remove', path, 'EROFS')
  }

  removeDirectory(path: string): Promise<void> {
    return refused('remove', path)
  }

  makeDirectory(path: string): Promise<void> {
    return refused('make', path)
  }

  syncDirectory(path: string): Promise<void> {
    return refused('sync', path)
  }

  lock(directory: string): Promise<DirectoryLock> {
    return refused('lock', directory)
  }
}

function refused(attempt: string, path: string): Promise<never> {
  return Promise.reject(new DiskError(attempt, path, 'EROFS'))
}
