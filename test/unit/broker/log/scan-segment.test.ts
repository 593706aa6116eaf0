import type { RecordBatch } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { scanSegment, scanSegmentNow } from '../../../../packages/broker/src/log/scan-segment.ts'
import { diskWithFolder, FOLDER, singles, writeFile } from '../../../support/log-parts.ts'

const NAME = '00000000000000000000.log'
const MEBIBYTE = 1024 * 1024

/** A file with this content, how to scan it, and what the scan saw. */
async function given(content: Uint8Array) {
  const disk = await diskWithFolder()
  writeFile(disk, NAME, content)
  const seen: number[] = []
  let reads = 0
  disk.fault = () => {
    reads++
    return reads > 20 ? 'EIO' : undefined
  }
  const scan = (
    options: {
      readonly from?: number
      readonly to?: number
      readonly accepts?: (batch: RecordBatch) => boolean
      readonly passed?: (bytes: Buffer, position: number) => Promise<void>
    } = {},
  ) =>
    scanSegment(disk.openNow(`${FOLDER}/${NAME}`, 'existing'), {
      from: options.from ?? 0,
      to: options.to ?? content.length,
      visit: batch => {
        if (options.accepts?.(batch) === false) return 'invalid'
        seen.push(batch.baseOffset)
        return 'valid'
      },
      ...(options.passed === undefined ? {} : { passed: options.passed }),
    })
  return { scan, seen }
}

describe('scanning a segment', () => {
  const batches = singles(0, ['a', 'bb', 'ccc'])
  const whole = Buffer.concat(batches)
  const [first, second] = batches as [Buffer, Buffer, Buffer]

  it('sees every batch and ends at the end', async () => {
    const { scan, seen } = await given(whole)
    expect([await scan(), seen]).toEqual([whole.length, [0, 1, 2]])
  })

  it('begins and ends where it is told to', async () => {
    const { scan, seen } = await given(whole)
    const to = first.length + second.length
    expect([await scan({ from: first.length, to }), seen]).toEqual([to, [1]])
  })

  it('finds nothing in an empty range', async () => {
    const { scan, seen } = await given(whole)
    expect([await scan({ from: 10, to: 10 }), seen]).toEqual([10, []])
  })

  it('stops before the batch that is refused', async () => {
    const { scan, seen } = await given(whole)
    const end = await scan({ accepts: batch => batch.baseOffset < 2 })
    expect([end, seen]).toEqual([first.length + second.length, [0, 1]])
  })

  it('stops at a batch that is cut at any byte', async () => {
    for (let cut = 0; cut < second.length; cut++) {
      const { scan, seen } = await given(whole.subarray(0, first.length + cut))
      expect([await scan(), seen], `cut after ${cut}`).toEqual([first.length, [0]])
    }
  })

  it.each([
    ['a negative length', (bytes: Buffer) => bytes.writeInt32BE(-1, 8)],
    ['a length below the header', (bytes: Buffer) => bytes.writeInt32BE(48, 8)],
    ['a length beyond the file', (bytes: Buffer) => bytes.writeInt32BE(0x7fffffff, 8)],
    ['an old format', (bytes: Buffer) => bytes.writeInt8(1, 16)],
    ['an unknown format', (bytes: Buffer) => bytes.writeInt8(3, 16)],
    ['zeros', (bytes: Buffer) => bytes.fill(0)],
  ])('stops at %s', async (_, damage) => {
    const bad = Buffer.from(second)
    damage(bad)
    const { scan, seen } = await given(Buffer.concat([first, bad, second]))
    expect([await scan(), seen]).toEqual([first.length, [0]])
  })

  it('goes through more than one window, with a batch that is larger than one', async () => {
    const sizes = [700_000, 700_000, 2.5 * MEBIBYTE, 10]
    const large = singles(
      0,
      sizes.map(size => 'x'.repeat(size)),
    )
    const passed: [number, number][] = []
    const content = Buffer.concat(large)
    const { scan, seen } = await given(content)
    const end = await scan({
      passed: async (bytes, position) => {
        expect(bytes.equals(content.subarray(position, position + bytes.length))).toBe(true)
        passed.push([position, position + bytes.length])
      },
    })
    expect([end, seen]).toEqual([content.length, [0, 1, 2, 3]])
    expect(passed[0]?.[0]).toBe(0)
    for (const [index, [start]] of passed.slice(1).entries()) expect(start).toBe(passed[index]?.[1])
    expect(passed.at(-1)?.[1]).toBe(content.length)
  })

  it('passes on nothing of a batch that was refused', async () => {
    const { scan } = await given(whole)
    const passed: number[] = []
    await scan({
      accepts: batch => batch.baseOffset < 1,
      passed: async bytes => void passed.push(bytes.length),
    })
    expect(passed).toEqual([first.length])
  })

  it.each([0, 1, 70])(
    'ends where the file ends, though it was said to be %i bytes longer',
    async more => {
      const { scan, seen } = await given(whole)
      expect(await scan({ to: whole.length + more })).toBe(whole.length)
      expect(seen).toEqual([0, 1, 2])
    },
  )

  it('ends when the file has nothing at all of what it was said to hold', async () => {
    const { scan } = await given(Buffer.alloc(0))
    expect(await scan({ to: 5 * MEBIBYTE })).toBe(0)
  })

  it('tells a failure of the disk', async () => {
    const disk = await diskWithFolder()
    writeFile(disk, NAME, whole)
    disk.fault = call => (call === 'read' ? 'EIO' : undefined)
    const file = disk.openNow(`${FOLDER}/${NAME}`, 'existing')
    await expect(
      scanSegment(file, { from: 0, to: whole.length, visit: () => 'valid' }),
    ).rejects.toThrow('EIO')
  })
})

describe('scanning a small piece of a segment at once', () => {
  it('sees whole batches alone, and says where they end', async () => {
    const [a, b] = singles(0, ['a', 'b']) as [Buffer, Buffer]
    const disk = await diskWithFolder()
    writeFile(disk, NAME, Buffer.concat([a, b, a.subarray(0, 30)]))
    const file = disk.openNow(`${FOLDER}/${NAME}`, 'existing')
    const scan = (from: number, to: number) => {
      const seen: number[] = []
      const visit = ({ baseOffset }: RecordBatch) => {
        seen.push(baseOffset)
        return 'valid' as const
      }
      return [scanSegmentNow(file, { from, to, visit }), seen]
    }
    const end = a.length + b.length
    expect(scan(0, end)).toEqual([end, [0, 1]])
    expect(scan(a.length, end)).toEqual([end, [1]])
    expect(scan(0, end + 30)).toEqual([end, [0, 1]])
    expect(scan(0, end + 99)).toEqual([end, [0, 1]])
    expect(scan(0, end - 1)).toEqual([a.length, [0]])
    expect(scanSegmentNow(file, { from: 0, to: end, visit: () => 'invalid' })).toBe(0)
  })
})
