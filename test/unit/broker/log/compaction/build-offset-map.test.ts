import { crc32c, nodeCodecs, RecordBatch } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { buildOffsetMap } from '../../../../../packages/broker/src/log/compaction/build-offset-map.ts'
import { KeyHash } from '../../../../../packages/broker/src/log/compaction/key-hash.ts'
import { OffsetMap } from '../../../../../packages/broker/src/log/compaction/offset-map.ts'
import { Pace } from '../../../../../packages/broker/src/log/compaction/pace.ts'
import { MemoryClock } from '../../../../../packages/broker/src/memory/clock.ts'
import { bytesOf, type TestBatch } from '../../../../support/compaction-log.ts'
import { diskWithFolder, segmentOf } from '../../../../support/log-parts.ts'

const records = (keys: readonly (string | null)[], more: object = {}): TestBatch => ({
  type: 'records',
  records: keys.map(key => ({ key, value: 'v', timestamp: 1 })),
  ...more,
})
const of = (producerId: number) => ({ producerId, baseSequence: 0, isTransactional: true })
const end = (type: 'COMMIT' | 'ABORT', producerId: number): TestBatch => {
  return { type, producerId, timestamp: 1 }
}

interface Range {
  readonly firstDirtyOffset: number
  readonly endOffset: number
  readonly slots?: number
}

/** Builds the map of a log of these segments. */
async function built(segments: readonly (readonly TestBatch[])[], range: Range) {
  const disk = await diskWithFolder()
  let offset = 0
  const log = segments.map(batches => {
    const baseOffset = offset
    const bytes = batches.map(batch => {
      const made = bytesOf(batch, offset)
      offset = new RecordBatch(made).lastOffset + 1
      return made
    })
    return segmentOf(disk, bytes, { baseOffset })
  })
  const map = new OffsetMap(new KeyHash(Buffer.alloc(16)), range.slots ?? 100, 1)
  const pace = new Pace(
    new MemoryClock({ now: 0 }),
    () => Number.MAX_VALUE,
    () => false,
  )
  const tools = { crc32c, pace, readBytes: 1000, codecs: nodeCodecs(), decompressedBytesMax: 1e6 }
  const found = await buildOffsetMap(map, { ...range, segments: log }, tools)
  const newest = (key: string) => map.get(Buffer.from(key), 0, key.length)
  return { map, newest, ...found }
}

describe('the map of offsets', () => {
  it('has the newest record of each key from the first dirty one to the end, in any codec', async () => {
    const { map, newest } = await built(
      [
        [records(['a', 'b'])],
        [
          records(['c', 'a', null], { compression: 'zstd' }),
          records(['b'], { compression: 'lz4' }),
        ],
        [records(['a'])],
      ],
      { firstDirtyOffset: 3, endOffset: 6 },
    )
    expect(['a', 'b', 'c'].map(newest)).toEqual([3, 5, -1])
    expect([map.count, map.latestOffset]).toEqual([2, 5])
  })

  it('takes no record of an aborted transaction, though its marker lies beyond the end', async () => {
    const { newest, aborted } = await built(
      [
        [records(['a', 'b']), records(['a'], of(7)), records(['b'], of(8))],
        [end('ABORT', 7), end('COMMIT', 8)],
      ],
      { firstDirtyOffset: 0, endOffset: 4 },
    )
    expect(['a', 'b'].map(newest)).toEqual([0, 3])
    const covered = [7, 8].map(id =>
      aborted.cover(new RecordBatch(bytesOf(records(['x'], of(id)), 2))),
    )
    expect(covered).toEqual([true, false])
  })

  it('tells the newest marker of each producer, as far as it looked', async () => {
    const { newestMarkers, map } = await built(
      [
        [
          records(['a'], of(7)),
          end('COMMIT', 7),
          records(['a'], of(7)),
          end('ABORT', 7),
          end('ABORT', 8),
        ],
        [end('COMMIT', 9)],
      ],
      { firstDirtyOffset: 0, endOffset: 5 },
    )
    expect([...newestMarkers]).toEqual([
      [7, 3],
      [8, 4],
    ])
    expect(map.latestOffset).toBe(4)
  })

  it('ends before the first record that has no room, in the middle of a batch too', async () => {
    const range = { firstDirtyOffset: 0, endOffset: 5, slots: 3 }
    const { map, newest } = await built([[records(['a', null, 'b', 'c', 'a'])]], range)
    expect([map.count, map.latestOffset]).toEqual([2, 2])
    expect(['a', 'b', 'c'].map(newest)).toEqual([0, 2, -1])
  })
})
