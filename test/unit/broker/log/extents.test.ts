import { describe, expect, it } from 'vitest'
import { extentsOf } from '../../../../packages/broker/src/log/extents.ts'
import { SegmentList } from '../../../../packages/broker/src/log/segment-list.ts'
import { diskWithFolder, FOLDER, segmentOf, singles } from '../../../support/log-parts.ts'

const owner = { topicId: 'topic', partition: 1, leaderEpoch: 4 }

describe('the extents over a range of a log', () => {
  async function over(range: { readonly baseOffset: number; readonly endOffset: number }) {
    const disk = await diskWithFolder()
    const segments = [0, 3, 6].map(baseOffset =>
      segmentOf(disk, singles(baseOffset, ['a', 'b', 'c']), { baseOffset }),
    )
    const extents = extentsOf(new SegmentList(disk, FOLDER, segments), owner, range)
    return extents.map(({ baseOffset, endOffset, segmentBaseOffset }) => [
      segmentBaseOffset,
      baseOffset,
      endOffset,
    ])
  }

  it('cover it without a gap, segment by segment', async () => {
    expect(await over({ baseOffset: 1, endOffset: 8 })).toEqual([
      [0, 1, 3],
      [3, 3, 6],
      [6, 6, 8],
    ])
  })

  it('touch no segment that begins at its end', async () => {
    expect(await over({ baseOffset: 3, endOffset: 6 })).toEqual([[3, 3, 6]])
    expect(await over({ baseOffset: 4, endOffset: 5 })).toEqual([[3, 4, 5]])
  })

  it('are none over nothing', async () => {
    expect(await over({ baseOffset: 6, endOffset: 6 })).toEqual([])
    expect(await over({ baseOffset: 7, endOffset: 6 })).toEqual([])
  })

  it('say whose they are, and lie in all of their segment, which the journal can sync', async () => {
    const disk = await diskWithFolder()
    const segment = segmentOf(disk, singles(0, ['a']))
    const list = new SegmentList(disk, FOLDER, [segment])
    expect(extentsOf(list, owner, { baseOffset: 0, endOffset: 1 })).toEqual([
      {
        type: 'extent',
        ...owner,
        ...{ baseOffset: 0, endOffset: 1, segmentBaseOffset: 0, segmentPosition: 0 },
        ...{ sizeBytes: segment.sizeBytes, segment },
      },
    ])
  })
})
