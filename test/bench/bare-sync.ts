/** What the disk gives: write what all writers have, sync, again. The bound of durable acknowledgements over one file. */
import { close, fdatasync, mkdtempSync, open, rmSync, writev } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const writeParts = promisify(writev)
const sync = promisify(fdatasync)

/** Acknowledgements in a second, were each of `writers` to wait for the sync that covers its record. */
export async function bareSyncs(
  writers: number,
  recordBytes: number,
  rounds: number,
): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'varve-bare-sync-'))
  try {
    const file = await promisify(open)(join(folder, 'log'), 'a')
    const parts = Array.from({ length: writers }, () => Buffer.alloc(recordBytes, 'varve-'))
    const began = performance.now()
    for (let round = 0; round < rounds; round += 1) {
      await writeParts(file, parts)
      await sync(file)
    }
    const elapsedMs = performance.now() - began
    await promisify(close)(file)
    return (writers * rounds * 1000) / elapsedMs
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
