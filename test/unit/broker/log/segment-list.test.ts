import { describe, expect, it } from 'vitest'
import { Segment } from '../../../../packages/broker/src/log/segment.ts'
import { SegmentList } from '../../../../packages/broker/src/log/segment-list.ts'
import {
  diskWithFolder,
  FOLDER,
  namesIn,
  placeOf,
  segmentOf,
  singles,
  storedBatch,
} from '../../../support/log-parts.ts'

/** A list of segments with these base offsets, each with one batch. */
async function given(baseOffsets: readonly number[]) {
  const disk = await diskWithFolder()
  const segments = baseOffsets.map(baseOffset =>
    segmentOf(disk, singles(baseOffset, ['x'.repeat(50)]), { baseOffset }),
  )
  return { disk, list: new SegmentList(disk, FOLDER, segments), segments }
}

/** As when nothing stands in the way. */
const removeFirst = (list: SegmentList) =>
  list.removeFirst({ takeName: () => Promise.resolve(), settle: () => Promise.resolve() })

const bases = (segments: readonly Segment[]) => segments.map(segment => segment.baseOffset)

describe('a list of segments', () => {
  it('finds the segment that holds an offset, and those after it', async () => {
    const { list } = await given([10, 20, 35])
    const found = [0, 10, 19, 20, 34, 35, 99].map(offset => bases(list.from(offset)))
    expect(found).toEqual([
      [10, 20, 35],
      [10, 20, 35],
      [10, 20, 35],
      [20, 35],
      [20, 35],
      [35],
      [35],
    ])
  })

  it('reads again what failed because retention took a segment away meanwhile', async () => {
    const { list } = await given([10, 20])
    const read = async () => {
      const [first] = list.all
      await Promise.resolve()
      if (list.all.length === 2) await removeFirst(list)
      return (await (first as Segment).open()).path
    }
    for (const segment of list.all) await segment.closeFile()
    expect(await list.reading(read)).toBe(list.first.path)
  })

  it('is never empty', async () => {
    const { disk, list } = await given([0])
    expect(() => new SegmentList(disk, FOLDER, [])).toThrow('at least one segment')
    await expect(removeFirst(list)).rejects.toThrow('at least one segment')
    expect(() => list.keepUpTo(-1)).toThrow('at least one segment')
  })

  it('adds up its bytes, in all and from an offset on', async () => {
    const disk = await diskWithFolder()
    const batches = singles(0, ['a', 'b', 'c'])
    const segments = [
      segmentOf(disk, batches),
      segmentOf(disk, singles(3, ['d']), { baseOffset: 3 }),
    ]
    const list = new SegmentList(disk, FOLDER, segments)
    const { length } = batches[0] as Buffer
    expect(list.sizeBytes).toBe(4 * length)
    expect([0, 2, 3, 9].map(offset => list.bytesFrom(offset))).toEqual([
      4 * length,
      2 * length,
      length,
      length,
    ])
  })

  it('rolls to a segment whose file is made by its first write, and seals the one before', async () => {
    const { disk, list } = await given([0])
    const { active } = list
    const next = list.roll(1, 77)
    expect([bases(list.all), list.active === next, next.createdMs]).toEqual([[0, 1], true, 77])
    expect(active.indexes?.times.lastTimestamp).toBe(1_000)
    expect((await namesIn(disk)).length).toBe(1)
    expect(() => list.roll(1, 78)).toThrow('L1')
  })

  it('takes back rolls and writes, and leaves no file of them', async () => {
    const { disk, list } = await given([0])
    const before = await disk.readFile(list.active.path)
    const mark = list.mark()
    const late = storedBatch({ values: ['late'], baseOffset: 1 })
    list.active.enter(placeOf(late), 0)
    list.active.writeNow([late])
    const rolled = list.roll(2, 0)
    rolled.writeNow([late])
    list.cutTo(mark)
    expect([bases(list.all), await disk.readFile(list.active.path)]).toEqual([[0], before])
    expect(await namesIn(disk)).toEqual(['00000000000000000000.log'])
  })

  it('forgets the oldest segment without changing what a reader holds on to', async () => {
    const { list } = await given([0, 1, 2])
    const held = list.all
    await removeFirst(list)
    expect([bases(list.all), bases(held)]).toEqual([
      [1, 2],
      [0, 1, 2],
    ])
  })

  it('lets readers of the oldest segment wait from before its name goes until that is settled', async () => {
    const { list, segments } = await given([0, 5])
    const seen: unknown[] = []
    const look = () => seen.push([list.leavingBelow(4) !== undefined, list.first.baseOffset])
    const told: string[] = []
    await list.removeFirst({
      takeName: async () => {
        look()
        void list.leavingBelow(4)?.then(() => told.push('decided'))
        expect([list.leavingBelow(5), segments.map(each => list.keeps(each))]).toEqual([
          undefined,
          [false, true],
        ])
      },
      settle: async () => {
        look()
        expect(told).toEqual([])
      },
    })
    await Promise.resolve()
    look()
    expect(seen).toEqual([
      [true, 0],
      [true, 5],
      [false, 5],
    ])
    expect(told).toEqual(['decided'])
  })

  it('keeps the oldest segment when its name cannot be taken away', async () => {
    const { list, segments } = await given([0, 5])
    const takeName = () => Promise.reject(new Error('could not rename'))
    const removed = list.removeFirst({ takeName, settle: () => Promise.resolve() })
    const decided = list.leavingBelow(0)
    await expect(removed).rejects.toThrow('could not rename')
    await decided
    expect([bases(list.all), list.keeps(segments[0] as Segment)]).toEqual([[0, 5], true])
    expect((await list.first.open()).path).toBe(list.first.path)
  })

  it('reads again what found no file because its name was gone a moment before its segment', async () => {
    const { list } = await given([0, 5])
    let rename = (): void => undefined
    const renamed = new Promise<void>(resolve => (rename = resolve))
    const removed = list.removeFirst({
      takeName: () => renamed,
      settle: () => Promise.resolve(),
    })
    let reads = 0
    const read = list.reading(async () => {
      reads += 1
      if (list.first.baseOffset === 0) throw new Error('no such file')
      return list.first.baseOffset
    })
    await Promise.resolve()
    rename()
    expect([await read, reads]).toEqual([5, 2])
    await removed
  })

  it('syncs the oldest first, and only from the offset on', async () => {
    const { disk, list } = await given([0, 1, 2])
    await list.syncFrom(1)
    const synced = disk.operations.filter(({ type }) => type === 'sync').map(({ path }) => path)
    expect(synced).toEqual([1, 2].map(base => `${FOLDER}/0000000000000000000${base}.log`))
  })

  it('knows nothing of the next segment before it is added', async () => {
    const { list } = await given([0, 1])
    const next = list.next(9, 1_000)
    await next.write([Buffer.alloc(10)])
    expect(bases(list.all)).toEqual([0, 1])
    list.add(next)
    expect([bases(list.all), list.active]).toEqual([[0, 1, 9], next])
    expect(() => list.add(list.next(9, 1_000))).toThrow('L1')
  })

  it('gives back what nobody used between two looks, but for the indexes of the segment that is written to', async () => {
    const { list } = await given([0, 1])
    await list.syncFrom(0)
    for (const segment of list.all) await segment.writeIndexes()
    await list.releaseIdle()
    expect(list.all.every(segment => segment.indexes !== undefined)).toBe(true)
    await list.releaseIdle()
    expect(list.all.map(segment => segment.indexes !== undefined)).toEqual([false, true])
  })

  it('puts a cleaned segment in the place of neighbours, of which nothing can be opened any more', async () => {
    const { list } = await given([0, 1, 2])
    const held = list.all
    const [first, second] = held as [Segment, Segment]
    const { list: other } = await given([0])
    for (const segment of held) await segment.closeFile()
    list.replace([first, second], other.first)
    expect([bases(list.all), bases(held)]).toEqual([
      [0, 2],
      [0, 1, 2],
    ])
    expect(list.first).toBe(other.first)
    expect(() => second.open()).toThrow('ENOENT')
    await expect(second.sync()).resolves.toBeUndefined()
    expect(() => list.replace([list.active], other.first)).toThrow()
  })

  it('lets a reader begin again when segments were replaced, and only then', async () => {
    const { list } = await given([0, 1, 2])
    const { list: other } = await given([0])
    let attempts = 0
    const read = async () => {
      attempts++
      if (attempts === 1) {
        list.replace([list.first], other.first)
        throw new Error('replaced')
      }
      if (attempts === 3) throw new Error('broken')
      return 'read'
    }
    expect(await list.reading(read)).toBe('read')
    await expect(list.reading(read)).rejects.toThrow('broken')
    expect(attempts).toBe(3)
  })
})
