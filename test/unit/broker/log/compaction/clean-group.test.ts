import { batchesOf, crc32c, nodeCodecs, RecordBatch, recordsOf } from '@varve/protocol'
import { expect, it } from 'vitest'
import { AbortedRanges } from '../../../../../packages/broker/src/log/compaction/aborted-ranges.ts'
import type { CleaningRules } from '../../../../../packages/broker/src/log/compaction/clean-batch.ts'
import { cleanGroup } from '../../../../../packages/broker/src/log/compaction/clean-group.ts'
import { KeyHash } from '../../../../../packages/broker/src/log/compaction/key-hash.ts'
import { LastBatches } from '../../../../../packages/broker/src/log/compaction/last-batches.ts'
import { OffsetMap } from '../../../../../packages/broker/src/log/compaction/offset-map.ts'
import { Pace } from '../../../../../packages/broker/src/log/compaction/pace.ts'
import { TransactionsSeen } from '../../../../../packages/broker/src/log/compaction/transactions-seen.ts'
import { Segment } from '../../../../../packages/broker/src/log/segment.ts'
import { bytesOf } from '../../../../support/compaction-log.ts'
import { quietWorld } from '../../../../support/journal-world.ts'
import {
  afterPowerLoss,
  diskWithFolder,
  FOLDER,
  namesIn,
  segmentOf,
} from '../../../../support/log-parts.ts'

const CLEANED = ['index', 'log', 'timeindex'].map(kind => `${'0'.repeat(20)}.${kind}.cleaned`)

/** Two segments of three batches with one record each, of which the newest by key stay; that of `d` lies behind them. */
async function given(readBytes = 1000) {
  const disk = await diskWithFolder()
  const batches = ['a', 'b', 'a', 'c', 'b', 'd'].map((key, offset) => {
    const records = [{ key, value: `${key}${offset}`, timestamp: 900 + offset }]
    return bytesOf({ type: 'records', records }, offset)
  })
  const group = [
    segmentOf(disk, batches.slice(0, 3)),
    segmentOf(disk, batches.slice(3), { baseOffset: 3 }),
  ]
  for (const segment of group) await segment.sync()
  await disk.syncDirectory('/data')
  const map = new OffsetMap(new KeyHash(Buffer.alloc(16)), 100, 0.9)
  for (const [key, offset] of [
    ['a', 2],
    ['b', 4],
    ['c', 3],
    ['d', 9],
  ] as const)
    map.put(Buffer.from(key), 0, 1, offset)
  const rules: CleaningRules = {
    ...{ map, aborted: new AbortedRanges(), seen: new TransactionsSeen() },
    ...{ lastBatches: new LastBatches([], 0, new Map()), now: 5000, deleteRetentionMs: 1000 },
    ...{ codecs: nodeCodecs(), crc32c, decompressedBytesMax: 1_000_000 },
  }
  const world = quietWorld(disk)
  const pace = new Pace(
    world.clock,
    () => Number.MAX_VALUE,
    () => false,
  )
  const newSegment = (baseOffset: number, createdMs: number) => {
    const of = {
      baseOffset,
      createdMs,
      sizeBytes: 0,
      isNew: 'no',
      transactionFile: 'none',
    } as const
    const segment = new Segment(disk, FOLDER, of)
    segment.resetIndexes()
    return segment
  }
  const tools = { crc32c, pace, readBytes, world, indexIntervalBytes: 0, newSegment }
  return { disk, group, clean: () => cleanGroup(group, rules, tools) }
}

const contentOf = (bytes: Buffer) =>
  [...batchesOf(bytes)].map(batch => [
    batch.lastOffset,
    [...recordsOf(batch)].map(({ value }) => value?.toString()).join(),
  ])

it.each([1, 150, 1000])(
  'writes what stays of its segments into one, reading %i bytes at a time',
  async readBytes => {
    const { disk, group, clean } = await given(readBytes)
    const segment = await clean()
    const stored = (await disk.readFile(`${FOLDER}/${CLEANED[1]}`)) as Buffer
    // The last batch of all stays, empty, so that the group ends where it did.
    expect(contentOf(stored)).toEqual([
      [2, 'a2'],
      [3, 'c3'],
      [4, 'b4'],
      [5, ''],
    ])
    expect([segment.baseOffset, segment.sizeBytes, segment.createdMs]).toEqual([
      0,
      stored.length,
      group[0]?.createdMs,
    ])
  },
)

it('can be read at once, and has indexes that lead to its batches', async () => {
  const { clean } = await given()
  const segment = await clean()
  const { offsets, times } = await segment.requireIndexes()
  const into = Buffer.alloc(segment.sizeBytes - offsets.floorPosition(4))
  await (await segment.open()).read(offsets.floorPosition(4), into)
  expect(new RecordBatch(into).baseOffset).toBe(4)
  // The batch at 5 is empty: it has a time that no record has.
  expect([times.lastTimestamp, times.lastOffset]).toEqual([904, 4])
})

it('is durable, under names that no start believes, and leaves its sources alone', async () => {
  const { disk, clean } = await given()
  const before = await namesIn(disk)
  await clean()
  expect(await namesIn(disk)).toEqual([...before, ...CLEANED].sort())
  await disk.syncDirectory(FOLDER)
  const later = afterPowerLoss(disk)
  for (const name of CLEANED) {
    const [kept, written] = await Promise.all(
      [later, disk].map(where => where.readFile(`${FOLDER}/${name}`)),
    )
    expect(kept?.length).toBeGreaterThan(0)
    expect(kept).toEqual(written)
  }
})

it.each(['log', 'index', 'timeindex'])('leaves nothing behind when its %s fails', async kind => {
  const { disk, clean } = await given()
  const before = await namesIn(disk)
  disk.fault = (call, path) =>
    call === 'sync' && path.endsWith(`.${kind}.cleaned`) ? 'EIO' : undefined
  await expect(clean()).rejects.toThrow('EIO')
  expect(await namesIn(disk)).toEqual(before)
})

it('does not take a damaged batch over', async () => {
  const { disk, group, clean } = await given()
  const file = await (group[1] as Segment).open()
  file.writeNow(70, [Buffer.from([0xff])])
  const before = await namesIn(disk)
  await expect(clean()).rejects.toThrow('no valid batch')
  expect(await namesIn(disk)).toEqual(before)
})
