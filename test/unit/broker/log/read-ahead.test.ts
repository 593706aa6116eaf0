import { batchesOf } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { ReadAhead, ReadWindows } from '../../../../packages/broker/src/log/read-ahead.ts'
import type { ReadRange, ReadResult } from '../../../../packages/broker/src/log/read-result.ts'
import { DiskError } from '../../../../packages/broker/src/world.ts'
import { settle } from '../../../support/journal-world.ts'
import { singles } from '../../../support/log-parts.ts'

const RECORDS = 40

/** A log of batches with one record each; the last ten are in memory, too. */
function given() {
  const batches = singles(
    0,
    Array.from({ length: RECORDS }, () => 'value'),
  )
  const batchBytes = batches[0]?.length ?? 0
  const asked: ReadRange[] = []
  const told = { open: 0, replacements: 0, failsAt: -1 }
  const source = {
    read: async (range: ReadRange): Promise<ReadResult> => {
      asked.push(range)
      await settle()
      if (range.offset === told.failsAt) throw new DiskError('read', '/data/0.log', 'EIO')
      const count = Math.floor(range.maxBytes / batchBytes)
      const bytes = Buffer.concat(
        batches.slice(range.offset, Math.min(range.endOffset, range.offset + count)),
      )
      if (bytes.length === 0) return { parts: [], sizeBytes: 0 }
      told.open++
      return { parts: [bytes], sizeBytes: bytes.length, release: () => void told.open-- }
    },
    isCold: (offset: number) => offset < 30,
    get replacements() {
      return told.replacements
    },
  }
  const ahead = new ReadAhead(source, new ReadWindows())
  /** Reads two batches, and lets what goes on behind happen. */
  const read = async (offset: number, endOffset = RECORDS): Promise<number[]> => {
    const range = { offset, endOffset, maxBytes: 2 * batchBytes, firstBatchWhole: true }
    const result = await ahead.read(range)
    const offsets = [...batchesOf(Buffer.concat(result.parts))].map(({ baseOffset }) => baseOffset)
    result.release?.()
    await settle()
    await settle()
    return offsets
  }
  return { ahead, asked, told, read }
}

describe('reading ahead', () => {
  it('begins with the second read in a row, and makes many small reads one', async () => {
    const { asked, read } = given()
    const offsets: number[] = []
    for (let offset = 0; offset < 20; offset += 2) offsets.push(...(await read(offset)))
    expect(offsets).toEqual(Array.from({ length: 20 }, (_, offset) => offset))
    expect(asked.map(({ offset }) => offset)).toEqual([0, 2, 4])
  })

  it('is not done for who reads here and there, nor where the memory has it', async () => {
    const { asked, read } = given()
    for (const offset of [0, 10, 5, 20, 28, 30]) await read(offset)
    expect(asked.map(({ offset }) => offset)).toEqual([0, 10, 5, 20, 28, 30])
  })

  it('shows no more than a reader may see', async () => {
    const { read } = given()
    for (const offset of [0, 2, 4]) await read(offset)
    expect(await read(6, 7)).toEqual([6])
    expect(await read(7, 7)).toEqual([])
    expect(await read(7)).toEqual([7, 8])
  })

  it('knows several readers of a log', async () => {
    const { asked, read } = given()
    for (let step = 0; step < 10; step += 2) for (const from of [0, 10]) await read(from + step)
    expect(asked.map(({ offset }) => offset)).toEqual([0, 10, 2, 4, 12, 14])
  })

  it('forgets what it has when segments were replaced meanwhile', async () => {
    const { asked, told, read } = given()
    for (const offset of [0, 2]) await read(offset)
    told.replacements++
    expect(await read(4)).toEqual([4, 5])
    expect(asked.at(-2)).toMatchObject({ offset: 4 })
  })

  it('leaves it to the reader to hear of a disk that fails', async () => {
    const { told, read } = given()
    await read(0)
    told.failsAt = 4
    expect(await read(2)).toEqual([2, 3])
    await expect(read(4)).rejects.toThrow('EIO')
    told.failsAt = -1
    expect(await read(4)).toEqual([4, 5])
  })

  it('gives everything back at the end', async () => {
    const { ahead, told, read } = given()
    for (const offset of [0, 2, 4]) await read(offset)
    expect(told.open).toBe(1)
    ahead.close()
    await settle()
    expect(told.open).toBe(0)
    for (const offset of [6, 8, 10]) await read(offset)
    expect(told.open).toBe(0)
  })

  it('keeps a bounded number of windows for all logs together', async () => {
    const windows = new ReadWindows()
    let released = 0
    const source = {
      read: async ({ offset }: ReadRange): Promise<ReadResult> => {
        const bytes = Buffer.concat(singles(offset, ['x']))
        return { parts: [bytes], sizeBytes: bytes.length, release: () => void released++ }
      },
      isCold: () => true,
      replacements: 0,
    }
    for (let log = 0; log < 30; log++) {
      const ahead = new ReadAhead(source, windows)
      for (const offset of [0, 1]) {
        const range = { offset, endOffset: 100, maxBytes: 1_000, firstBatchWhole: true }
        ;(await ahead.read(range)).release?.()
      }
      await settle()
    }
    expect(released).toBe(30 * 2 + 14)
  })
})
