import { batchesOf } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { coldRead } from '../../../../packages/broker/src/log/cold-read.ts'
import { ReadBuffers } from '../../../../packages/broker/src/log/read-buffers.ts'
import type { ReadRange } from '../../../../packages/broker/src/log/read-result.ts'
import { diskWithFolder, segmentOf, singles } from '../../../support/log-parts.ts'

/** A segment from offset 10 on, and how to read it. Reads are counted, and too many of them fail. */
async function given(values: readonly string[], { indexIntervalBytes = 0 } = {}) {
  const disk = await diskWithFolder()
  const batches = singles(10, values)
  const segment = segmentOf(disk, batches, { baseOffset: 10, indexIntervalBytes })
  let reads = 0
  disk.fault = call => {
    if (call === 'read') reads++
    return reads > 20 ? 'EIO' : undefined
  }
  const buffers = new ReadBuffers()
  const read = (range: Partial<ReadRange> & { readonly offset: number }) =>
    coldRead(
      segment,
      { endOffset: 1_000, maxBytes: 1_000_000, firstBatchWhole: false, ...range },
      buffers,
    )
  const offsetsOf = async (range: Parameters<typeof read>[0]) => {
    const result = await read(range)
    if (result === undefined) return undefined
    const bytes = Buffer.concat(result.parts)
    expect(result.sizeBytes).toBe(bytes.length)
    return [...batchesOf(bytes)].map(batch => batch.baseOffset)
  }
  return { disk, segment, batches, buffers, read, offsetsOf, reads: () => reads }
}

const letters = ['a', 'b', 'c', 'd']

describe('a cold read', () => {
  it('gives whole batches from the one that holds the offset', async () => {
    const { offsetsOf } = await given(letters)
    expect(await offsetsOf({ offset: 11 })).toEqual([11, 12, 13])
    expect(await offsetsOf({ offset: 10 })).toEqual([10, 11, 12, 13])
  })

  it('gives the bytes as they are in the file', async () => {
    const { read, batches } = await given(letters)
    const result = await read({ offset: 12 })
    expect(Buffer.concat(result?.parts ?? [])).toEqual(Buffer.concat(batches.slice(2)))
  })

  it('gives nothing at or beyond the end offset', async () => {
    const { offsetsOf } = await given(letters)
    expect(await offsetsOf({ offset: 11, endOffset: 13 })).toEqual([11, 12])
    expect(await offsetsOf({ offset: 11, endOffset: 11, firstBatchWhole: true })).toEqual([])
  })

  it('gives as many whole batches as fit, and the first one whole only when asked to', async () => {
    const { offsetsOf, batches } = await given(letters)
    const [{ length }] = batches as [Buffer]
    expect(await offsetsOf({ offset: 10, maxBytes: 2 * length })).toEqual([10, 11])
    expect(await offsetsOf({ offset: 10, maxBytes: 3 * length - 1 })).toEqual([10, 11])
    expect(await offsetsOf({ offset: 10, maxBytes: length - 1 })).toEqual([])
    expect(await offsetsOf({ offset: 10, maxBytes: 1, firstBatchWhole: true })).toEqual([10])
  })

  it('gives a first batch whole that is larger than what was read at first', async () => {
    const { offsetsOf, reads } = await given(['a', 'x'.repeat(100_000), 'b'])
    expect(await offsetsOf({ offset: 11, maxBytes: 10, firstBatchWhole: true })).toEqual([11])
    expect(reads()).toBeLessThanOrEqual(2)
    expect(await offsetsOf({ offset: 11, maxBytes: 10 })).toEqual([])
  })

  it('finds its batch though the index knows only a place far before it', async () => {
    const values = Array.from({ length: 300 }, () => 'x'.repeat(100))
    const { offsetsOf } = await given(values, { indexIntervalBytes: 1_000_000 })
    expect(await offsetsOf({ offset: 309, maxBytes: 500, endOffset: 310 })).toEqual([309])
  })

  it('is undefined when all of the segment lies before the offset', async () => {
    const { offsetsOf } = await given(letters)
    expect(await offsetsOf({ offset: 14 })).toBeUndefined()
  })

  it('takes its buffers back, also when it found nothing and when the disk failed', async () => {
    const { disk, read, buffers } = await given(letters)
    const probe = buffers.take(1)
    probe.release()
    await read({ offset: 14 })
    await read({ offset: 10, maxBytes: 1 })
    const result = await read({ offset: 10 })
    result?.release?.()
    disk.fault = () => 'EIO'
    await expect(read({ offset: 10 })).rejects.toThrow('EIO')
    expect(buffers.take(1).bytes).toBe(probe.bytes)
  })

  it.each([
    ['is cut within a batch', -30],
    ['is empty', Number.NEGATIVE_INFINITY],
  ])('fails, and does not go on for ever, when the file %s', async (_, change) => {
    const { segment, disk, read } = await given(letters)
    disk.openNow(segment.path, 'existing').truncateNow(Math.max(0, segment.sizeBytes + change))
    await expect(read({ offset: 13, firstBatchWhole: true })).rejects.toThrow(
      'no whole batch at position',
    )
  })

  it('fails when a batch is shorter than its header', async () => {
    const { segment, disk, read, batches } = await given(letters)
    const position = (batches[0] as Buffer).length
    disk.openNow(segment.path, 'existing').writeNow(position + 8, [Buffer.alloc(4)])
    await expect(read({ offset: 12 })).resolves.toBeDefined()
    await expect(read({ offset: 11 })).rejects.toThrow('shorter than its header')
  })
})
