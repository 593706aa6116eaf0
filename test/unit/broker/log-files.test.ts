import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type DumpEntry, dumpLogFile, startBroker, verifyLogs } from '@varve/broker'
import { expect, it } from 'vitest'

it('dumps a file of the real disk', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'varve-'))
  try {
    const path = join(folder, 'log-start-offset-checkpoint')
    writeFileSync(path, '0\n1\norders 2 40\n')
    const entries: DumpEntry[] = []
    for await (const entry of dumpLogFile(path, {
      ...{ records: 'left out', decoder: 'by folder', maxBytes: 100 },
    }))
      entries.push(entry)
    expect(entries.at(-1)).toEqual({
      type: 'checkpoint',
      topic: 'orders',
      partition: 2,
      offset: 40,
    })
  } finally {
    rmSync(folder, { recursive: true })
  }
})

it('verifies the logs of a folder of the real disk that no broker uses', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'varve-'))
  const verified = async (...wanted: string[]): Promise<string[]> => {
    const folders: string[] = []
    for await (const log of verifyLogs(folder, wanted)) folders.push(log.folder)
    return folders
  }
  try {
    await expect(verified()).rejects.toMatchObject({ code: 'ENOENT' })
    const broker = await startBroker({ directory: folder })
    await expect(verified()).rejects.toMatchObject({ code: 'ELOCKED' })
    await broker.stop()
    expect(await verified()).toEqual(['', '__cluster_metadata-0'])
    await expect(verified('orders')).rejects.toMatchObject({ code: 'ENOENT' })
  } finally {
    rmSync(folder, { recursive: true })
  }
})
