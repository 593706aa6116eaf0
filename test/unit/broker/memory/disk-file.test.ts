import { describe, expect, it } from 'vitest'
import { MemoryDisk } from '../../../../packages/broker/src/memory/disk.ts'

const diskOf = async (capacityBytes: number) => {
  const disk = new MemoryDisk({ now: () => 0, capacityBytes })
  await disk.makeDirectory('/data')
  return disk
}

describe('a file of the memory disk', () => {
  it('keeps content over many chunks, with holes', async () => {
    const disk = await diskOf(2 ** 30)
    const file = disk.openNow('/data/a', 'create')
    const block = Buffer.alloc(100_000, 7)
    file.writeNow(200_001, [block])
    file.writeNow(10, [Buffer.from('x')])
    const expected = Buffer.alloc(300_001)
    expected.set(block, 200_001)
    expected[10] = 120
    expect((await disk.readFile('/data/a'))?.equals(expected)).toBe(true)
    file.truncateNow(200_002)
    file.truncateNow(300_001)
    expected.fill(0, 200_002)
    expect((await disk.readFile('/data/a'))?.equals(expected)).toBe(true)
  })

  it('grows byte by byte like one that was written at once', async () => {
    const disk = await diskOf(2 ** 30)
    const file = disk.openNow('/data/a', 'create')
    const bytes = Buffer.from(Array.from({ length: 1_000 }, (_, index) => index % 251))
    for (const byte of bytes) file.appendNow([Buffer.of(byte)])
    expect((await disk.readFile('/data/a'))?.equals(bytes)).toBe(true)
  })
})
