import { type Disk, DiskError } from '../world.ts'

/** Removes a file that may be gone already. The removal begins in this very call: a file of this name that is made later stays. Rejects with a `DiskError`. */
export async function removeIfThere(disk: Disk, path: string): Promise<void> {
  try {
    await disk.remove(path)
  } catch (error) {
    if (!(error instanceof DiskError) || error.code !== 'ENOENT') throw error
  }
}
