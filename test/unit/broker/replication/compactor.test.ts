import { describe, expect, it } from 'vitest'
import {
  addSegments,
  batchesIn,
  compacted,
  emptyLog,
  letCompact,
  type TestBatch,
} from '../../../support/compaction-log.ts'
import { DiskImage } from '../../../support/disk-image.ts'
import { quietWorld } from '../../../support/journal-world.ts'
import { type HarnessOptions, openHarness } from '../../../support/log-harness.ts'
import { namesIn } from '../../../support/log-parts.ts'
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
})
