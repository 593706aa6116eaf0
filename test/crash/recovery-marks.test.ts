/** What must not be forgotten for a recovery mark: damage that was found, and what a start has taken back. */
import { crc32c } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import {
  decodeRecoveryMark,
  RECOVERY_MARK_FILE,
  type RecoveryMark,
} from '../../packages/broker/src/log/recovery-mark.ts'
import { verifyLog } from '../../packages/broker/src/log/verify/verify-log.ts'
import type { Partition } from '../../packages/broker/src/replication/partition.ts'
import { DiskImage } from '../support/disk-image.ts'
import { quietWorld, settle } from '../support/journal-world.ts'
import { append, type HarnessOptions, openHarness } from '../support/log-harness.ts'
import { FOLDER } from '../support/log-parts.ts'
import { ModelDisk } from '../support/model-disk.ts'

const SEGMENT = `${FOLDER}/00000000000000000000.log`
const MARK = `${FOLDER}/${RECOVERY_MARK_FILE}`

const optionsOf = (segmentBytes: number, more: Partial<HarnessOptions> = {}): HarnessOptions => ({
  unsyncedBytes: 1,
  ...more,
  settings: { segmentBytes, indexIntervalBytes: 300, ...more.settings },
  limits: { recoveryMarkBytes: 1_000, ...more.limits },
})

/** A log of so many batches of one record each, flushed one by one, that nobody has closed. */
async function written(options: HarnessOptions, batches: number) {
  const disk = new ModelDisk(new DiskImage())
  const world = quietWorld(disk)
  const broker = await openHarness(world, options)
  for (let index = 0; index < batches; index++) {
    append(broker.partition(), {
      ...{ values: ['x'.repeat(200)], producerId: 5, baseSequence: index },
    })
    await broker.flush()
  }
  const content = await disk.readFile(MARK)
  const mark = content && decodeRecoveryMark(content, crc32c)
  if (mark === undefined) throw new Error('The log has no mark.')
  return { disk, world, broker, mark }
}

const copyOf = (disk: ModelDisk): ModelDisk =>
  new ModelDisk(disk.imageAfter(disk.operations.length, () => 'kept'))

async function overwrite(disk: ModelDisk, position: number): Promise<void> {
  const file = await disk.open(SEGMENT, 'existing')
  await file.write(position, [Buffer.of(0xff, 0xff)])
  await file.sync()
  await file.close()
}

describe('what the scrubber has found and noted', () => {
  const scrubbing = { bytesPerSecondMax: 1_000_000, intervalMs: 3_600_000 }
  it.each([
    ['a kill, in the segment of the mark', 'killed', 100_000],
    ['a kill, in a segment before', 'killed', 3_000],
    ['a clean stop, in the segment of the mark', 'closed', 100_000],
    ['a clean stop, in a segment before', 'closed', 3_000],
  ] as const)('is known to the start after %s', async (_, end, segmentBytes) => {
    const options = optionsOf(segmentBytes, { limits: { scrubbing } })
    const { disk, world, broker } = await written(options, 30)
    await overwrite(disk, 100)
    for (let ms = 0; ms <= 31_000 && !broker.partition().isOffline; ms += 10) {
      world.clock.advance(10)
      if (ms >= 29_000) await settle()
    }
    expect(broker.partition().isOffline).toBe(true)
    if (end === 'closed') await broker.close()
    const after = copyOf(disk)
    const again = await openHarness(quietWorld(after), options)
    await again.directory.openAll()
    const note = await after.readFile(`${FOLDER}/damaged`)
    expect([again.partition().isOffline, `${note}`]).toEqual([true, 'durable 30\nfrom 0\n'])
  })
})

it('does not come back, by a loss of power, to speak of batches that were cut', async () => {
  const relaxed = { settings: { flushMode: 'relaxed' as const } }
  const options = optionsOf(100_000, { ...relaxed, limits: { checkpointIntervalMs: 1e9 } })
  const { disk, mark } = await written(options, 10)
  const rotten = copyOf(disk)
  await overwrite(rotten, mark.segment.sizeBytes - 3)
  const cut = await openHarness(quietWorld(rotten), { ...options, unsyncedBytes: 2 ** 30 })
  expect(cut.partition().logEndOffset).toBe(mark.offset - 1)
  for (let index = 0; index < 8; index++)
    append(cut.partition(), {
      ...{ values: ['x'.repeat(200)], producerId: 6, baseSequence: index },
    })
  await cut.flush()
  const lost = new ModelDisk(
    rotten.imageAfter(rotten.operations.length, ({ type }) =>
      type === 'unlink' ? 'lost' : 'kept',
    ),
  )
  const again = await openHarness(quietWorld(lost), options)
  const known = ({ logEndOffset, log }: Partition) => [
    logEndOffset,
    [...(log?.producers.entries() ?? [])].map(({ producerId, batches }) => [producerId, batches]),
  ]
  expect(known(again.partition())).toEqual(known(cut.partition()))
})

it('does not go on over a first segment whose records are gone', async () => {
  const relaxed = { settings: { flushMode: 'relaxed' as const } }
  const options = optionsOf(3_000, relaxed)
  const { disk } = await written(options, 30)
  const emptied = copyOf(disk)
  const file = await emptied.open(SEGMENT, 'existing')
  await file.truncate(0)
  await file.sync()
  await file.close()
  const { endOffset } = await verifyLog(
    {
      ...{ directory: FOLDER, folder: 'events-0', kind: 'partition', lastStop: 'unclean' },
      ...{ recoveryPoint: 0, logStartOffset: 0, cleanedTo: 0, recovered: undefined },
    },
    { disk: emptied, crc32c },
  )
  const again = await openHarness(quietWorld(emptied), options)
  expect([endOffset, again.partition().logEndOffset]).toEqual([0, 0])
})

it('leaves nothing behind when there is no room for it, nor after a clean stop', async () => {
  const disk = new ModelDisk(new DiskImage())
  let tries = 0
  disk.fault = (call, path) => {
    if (call !== 'write' || !path.startsWith(MARK)) return undefined
    tries += 1
    return 'ENOSPC'
  }
  const broker = await openHarness(quietWorld(disk), optionsOf(100_000))
  for (let index = 0; index < 30; index++) {
    append(broker.partition(), { values: ['x'.repeat(200)] })
    await broker.flush()
  }
  const names = () => disk.image.namesIn(FOLDER).filter(name => name.includes('recovery-mark'))
  // Each thousand bytes, not each time that the log is synced.
  expect([names(), tries > 1, tries <= 9]).toEqual([[], true, true])
  disk.fault = () => undefined
  append(broker.partition(), { values: ['x'.repeat(2_000)] })
  await broker.flush()
  expect(names()).toEqual([MARK])
  await broker.close()
  expect(names()).toEqual([])
})

it('has nothing wrong beside it that the next start makes anew', async () => {
  const options = optionsOf(100_000)
  const { disk, mark } = await written(options, 12)
  // What a stop before this life has left: an index that says less than the log, for it grew since.
  const file = disk.openNow(SEGMENT.replace(/log$/, 'txnindex'), 'create')
  file.appendNow([Buffer.alloc(34)])
  const { findings } = await verifyLog(
    {
      ...{ directory: FOLDER, folder: 'events-0', kind: 'partition', lastStop: 'unclean' },
      ...{ recoveryPoint: 2, logStartOffset: 0, cleanedTo: 0, recovered: undefined },
    },
    { disk, crc32c },
  )
  expect([(mark satisfies RecoveryMark).offset > 2, findings]).toEqual([true, []])
})
