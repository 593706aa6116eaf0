/** The content of a folder at one moment, as a crash would leave it: to be changed, and put onto other disks. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Disk } from '../../packages/broker/src/world.ts'

/** Contents by path from the folder on. */
export type FolderImage = ReadonlyMap<string, Buffer>

/** What was there; the lock is left out, for it belongs to the process that lives on. */
export function imageOfFolder(folder: string): Map<string, Buffer> {
  const image = new Map<string, Buffer>()
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile() || entry.name === '.lock') continue
    const path = join(entry.parentPath, entry.name)
    image.set(path.slice(folder.length + 1), readFileSync(path))
  }
  return image
}

export async function imageOnDisk(disk: Disk, folder: string): Promise<Map<string, Buffer>> {
  const image = new Map<string, Buffer>()
  const visit = async (directory: string): Promise<void> => {
    for (const { name, isDirectory } of (await disk.list(directory)) ?? []) {
      const path = `${directory}/${name}`
      if (isDirectory) await visit(path)
      else if (name !== '.lock') {
        image.set(path.slice(folder.length + 1), (await disk.readFile(path)) ?? Buffer.alloc(0))
      }
    }
  }
  await visit(folder)
  return image
}

export async function putOnDisk(disk: Disk, folder: string, image: FolderImage): Promise<void> {
  await disk.makeDirectory(folder)
  for (const [name, content] of image) {
    const path = `${folder}/${name}`
    await disk.makeDirectory(dirname(path))
    disk.openNow(path, 'truncate').appendNow([content])
  }
}

export function putInFolder(folder: string, image: FolderImage): void {
  for (const [name, content] of image) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), content)
  }
}
