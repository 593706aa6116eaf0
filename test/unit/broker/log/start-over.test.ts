import { expect, it } from 'vitest'
import { LeaderEpochs } from '../../../../packages/broker/src/log/leader-epochs.ts'
import { startOver } from '../../../../packages/broker/src/log/start-over.ts'
import { DiskImage } from '../../../support/disk-image.ts'
import { quietWorld } from '../../../support/journal-world.ts'
import { append, openHarness } from '../../../support/log-harness.ts'
import {
  afterPowerLoss,
  diskWithFolder,
  identity,
  loadToolsOf,
  namesIn,
  singles,
  writeFile,
} from '../../../support/log-parts.ts'
import { ModelDisk } from '../../../support/model-disk.ts'
import { readValues } from '../../../support/read-log.ts'

it('leaves an empty log that begins where it is told, and nothing of the old one', async () => {
  const disk = await diskWithFolder()
  writeFile(disk, '00000000000000000000.log', Buffer.concat(singles(0, ['a', 'b'])))
  writeFile(disk, '00000000000000000000.txnindex', 'x')
  writeFile(disk, '00000000000000000002.snapshot', 'x')
  writeFile(disk, 'partition.metadata', 'kept')
  const leaderEpochs = new LeaderEpochs()
  leaderEpochs.assign(3, 0)
  const world = quietWorld(disk)
  const state = await startOver(identity, { logStartOffset: 5, leaderEpochs }, loadToolsOf(world))
  expect([state.logStartOffset, state.logEndOffset]).toEqual([5, 5])
  expect(state.segments.active.baseOffset).toBe(5)
  expect(leaderEpochs.epochOf(1) ?? -1).toBe(-1)
  expect(await namesIn(disk)).toEqual(['partition.metadata'])
  expect(await namesIn(afterPowerLoss(disk))).toEqual(['partition.metadata'])
  expect(world.warnings).toHaveLength(1)
})

it('gives no offset to a new record that was deleted with another one', async () => {
  const relaxed = { settings: { flushMode: 'relaxed' } } as const
  const disk = new ModelDisk(new DiskImage())
  const broker = await openHarness(quietWorld(disk), relaxed)
  append(broker.partition(), { values: ['a', 'b', 'c'] })
  await broker.flush()
  await broker.partition().deleteRecordsBefore(2)

  const after = afterPowerLoss(disk)
  const next = await openHarness(quietWorld(after), relaxed)
  const { logStartOffset, logEndOffset } = next.partition()
  expect([logStartOffset, logEndOffset]).toEqual([2, 2])
  append(next.partition(), { values: ['d'] })
  await next.flush()
  await next.close()

  const last = await openHarness(quietWorld(after), relaxed)
  expect(await readValues(last.partition())).toEqual([{ offset: 2, value: 'd' }])
})
