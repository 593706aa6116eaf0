import { crc32c } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { LeaderEpochs } from '../../../../packages/broker/src/log/leader-epochs.ts'
import { LogCaches } from '../../../../packages/broker/src/log/log-caches.ts'
import type { LogTools } from '../../../../packages/broker/src/log/log-tools.ts'
import type { SegmentList } from '../../../../packages/broker/src/log/segment-list.ts'
import { DiskImage } from '../../../support/disk-image.ts'
import { quietWorld } from '../../../support/journal-world.ts'
import { ModelDisk } from '../../../support/model-disk.ts'

describe('the caches of a log', () => {
  it('are written once when a sync and the retention ask for them at the same time', async () => {
    const disk = new ModelDisk(new DiskImage())
    await disk.makeDirectory('/log')
    const state = {
      segments: { active: { baseOffset: 0 } } as SegmentList,
      leaderEpochs: new LeaderEpochs(),
      logEndOffset: 0,
    }
    const tools = { world: quietWorld(disk), crc32c } as unknown as LogTools
    const caches = new LogCaches('/log', state, tools)
    caches.snapshotAt(5, [])
    await Promise.all([caches.writeSnapshots(), caches.writeSnapshots()])
    const written = disk.operations.filter(({ type }) => type === 'rename').map(({ path }) => path)
    expect(written).toEqual([
      '/log/00000000000000000005.sequences.tmp',
      '/log/00000000000000000005.snapshot.tmp',
    ])
  })
})
