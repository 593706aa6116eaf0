import { describe, expect, it } from 'vitest'
import { MemoryDisk } from '../../../../packages/broker/src/memory/disk.ts'
import { codeOf, describeDisk } from '../../../support/disk-laws.ts'

const diskOf = async (capacityBytes: number) => {
  const disk = new MemoryDisk({ now: () => 0, capacityBytes })
  await disk.makeDirectory('/data')
  return disk
}

describeDisk('the memory disk', async () => ({ disk: await diskOf(2 ** 30), root: '/data' }))

describe('the memory disk', () => {
  it('refuses what does not fit and keeps the file as it was', async () => {
    const disk = await diskOf(10)
    const file = disk.openNow('/data/a', 'create')
    file.appendNow([Buffer.alloc(8)])
    expect(await codeOf(() => file.appendNow([Buffer.alloc(2), Buffer.alloc(1)]))).toBe('ENOSPC')
    expect(file.sizeBytes).toBe(8)
    file.truncateNow(1)
    file.appendNow([Buffer.alloc(9)])
    await disk.remove('/data/a')
    file.appendNow([Buffer.alloc(1)])
    expect(await disk.space('/data')).toEqual({ freeBytes: 10, totalBytes: 10 })
  })
})
