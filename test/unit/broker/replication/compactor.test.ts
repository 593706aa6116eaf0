import { describe, expect, it } from 'vitest'
import { emptyImage } from '../../../../packages/broker/src/metadata/image.ts'
import {
  addSegments,
  batchesIn,
  compacted,
  emptyLog,
  letCompact,
  type TestBatch,
} from '../../../support/compaction-log.ts'
import { DiskImage } from '../../../support/disk-image.ts'
import { quietWorld, settle } from '../../../support/journal-world.ts'
import { type HarnessOptions, openHarness, plainLimits } from '../../../support/log-harness.ts'
import { FOLDER, namesIn } from '../../../support/log-parts.ts'
import { ModelDisk } from '../../../support/model-disk.ts'
import { readValues } from '../../../support/read-log.ts'

const batch = (...records: [key: string, value: string | null][]): TestBatch => ({
  type: 'records',
  records: records.map(([key, value]) => ({ key, value, timestamp: 900 })),
})

async function opened(segments: readonly (readonly TestBatch[])[], options: HarnessOptions = {}) {
  const disk = new ModelDisk(new DiskImage())
  await emptyLog(disk)
  await addSegments(disk, segments, 0)
  const world = quietWorld(disk)
  const broker = await openHarness(world, {
    ...options,
    settings: { ...compacted, ...options.settings },
  })
  return { disk, world, broker, partition: broker.partition() }
}

describe('the compactor', () => {
  it('keeps the newest record of each key, at its offset, and merges segments', async () => {
    const { disk, world, broker, partition } = await opened([
      [batch(['a', '1'], ['b', '1']), batch(['a', '2'])],
      [batch(['c', '1'], ['b', '2'])],
      [batch(['a', '3'])],
    ])
    await letCompact(world)
    expect(await readValues(partition)).toEqual([
      { offset: 2, value: '2' },
      { offset: 3, value: '1' },
      { offset: 4, value: '2' },
      { offset: 5, value: '3' },
    ])
    expect(world.errors).toEqual([])
    expect((await namesIn(disk)).filter(name => name.endsWith('.log'))).toEqual([
      '00000000000000000000.log',
      '00000000000000000005.log',
    ])
    expect(`${await disk.readFile('/data/cleaner-offset-checkpoint')}`).toBe('0\n1\nevents 0 5\n')
    await broker.close()
    expect((await batchesIn(disk)).flatMap(({ records }) => records).length).toBe(4)
  })

  it('lets who reads an old segment finish, or begin again in the new one', async () => {
    const segments = Array.from({ length: 8 }, (_, index) => [
      batch(['a', `${index}`], [`${index}`, 'x'.repeat(200)]),
    ])
    const { world, broker, partition } = await opened(segments)
    const reads: Promise<{ offset: number; value: string }[]>[] = []
    world.clock.advance(15_000)
    for (let turn = 0; turn < 40; turn++) {
      for (const from of [0, 5, 10]) reads.push(readValues(partition, { from, maxBytes: 300 }))
      await settle()
      world.clock.turn()
    }
    const found = await Promise.all(reads)
    for (const values of found) {
      expect(values.length).toBeGreaterThan(2)
      expect(values.at(-1)).toEqual({ offset: 15, value: 'x'.repeat(200) })
    }
    expect(found[0]?.length).toBe(16)
    expect(found.at(-3)?.length).toBe(10)
    expect(await partition.offsetForTimestamp(900)).toMatchObject({ offset: 1 })
    await broker.close()
  })

  it('cleans nothing again that is clean, after a restart neither', async () => {
    const { disk, world, broker } = await opened([
      [batch(['a', '1'])],
      [batch(['a', '2'])],
      [batch(['b', '1'])],
    ])
    await letCompact(world)
    await broker.close()
    const writes = () => disk.operations.filter(({ path }) => path.includes('.cleaned')).length
    const before = writes()
    expect(before).toBeGreaterThan(0)
    const again = quietWorld(disk)
    const reopened = await openHarness(again, { settings: compacted })
    await letCompact(again)
    expect(writes()).toBe(before)
    await reopened.close()
  })

  it.each([
    [
      'log.cleaner.enable is false',
      { compaction: { ...plainLimits.compaction, isEnabled: false } },
      {},
    ],
    ['the topic is not compacted', {}, { cleanupPolicy: ['delete' as const] }],
    ['not enough is dirty', {}, { minCleanableDirtyRatio: 1 }],
    ['all is young', {}, { minCompactionLagMs: 1_000_000 }],
  ])('leaves a log alone when %s', async (_name, limits, settings) => {
    const { disk, world, broker } = await opened(
      [[batch(['a', '1'])], [batch(['a', '2'])], [batch(['b', '1'])]],
      { limits, settings },
    )
    await letCompact(world)
    expect((await namesIn(disk)).filter(name => name.endsWith('.log')).length).toBe(3)
    await broker.close()
  })

  it('cleans what is overdue, however little is dirty', async () => {
    const settings = { minCleanableDirtyRatio: 1, maxCompactionLagMs: 100 }
    const { disk, world, broker } = await opened(
      [[batch(['a', '1'])], [batch(['a', '2'])], [batch(['b', '1'])]],
      { settings },
    )
    await letCompact(world)
    expect((await namesIn(disk)).filter(name => name.endsWith('.log')).length).toBe(2)
    await broker.close()
  })

  it('stops when the topic is deleted, and when the broker is closed', async () => {
    for (const end of ['delete', 'close'] as const) {
      const slow = { compaction: { ...plainLimits.compaction, bytesPerSecondMax: 1 } }
      const segments = Array.from({ length: 5 }, (_, index) => [batch(['a', `${index}`])])
      const { world, broker } = await opened(segments, { limits: slow })
      await letCompact(world)
      const ended =
        end === 'delete' ? broker.directory.applyImage(emptyImage('cluster')) : broker.close()
      for (let turn = 0; turn < 10; turn++) {
        world.clock.advance(1_000_000)
        await settle()
      }
      await ended
      expect(world.errors).toEqual([])
      if (end === 'delete') await broker.close()
    }
  })

  it('leaves a damaged log alone until the next start, as it is', async () => {
    const { disk, world, broker } = await opened([
      [batch(['a', '1'])],
      [batch(['a', '2'])],
      [batch(['b', '1'])],
    ])
    const file = await disk.open(`${FOLDER}/00000000000000000001.log`, 'existing')
    file.writeNow(65, [Buffer.from('?')])
    const before = await namesIn(disk)
    await letCompact(world)
    await letCompact(world)
    expect(world.errors).toEqual([
      'A log could not be compacted, and is left alone until the next start.',
    ])
    expect(await namesIn(disk)).toEqual(before)
    await broker.close()
  })
})
