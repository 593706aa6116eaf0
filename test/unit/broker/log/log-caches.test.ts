import { crc32c } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { LeaderEpochs } from '../../../../packages/broker/src/log/leader-epochs.ts'
import { LogCaches } from '../../../../packages/broker/src/log/log-caches.ts'
import type { LogLimits } from '../../../../packages/broker/src/log/log-limits.ts'
import type { LogTools } from '../../../../packages/broker/src/log/log-tools.ts'
import { decodeProducerSnapshot } from '../../../../packages/broker/src/log/producer-snapshot.ts'
import { SegmentList } from '../../../../packages/broker/src/log/segment-list.ts'
import { quietWorld } from '../../../support/journal-world.ts'
import {
  diskWithFolder,
  FOLDER,
  loadToolsOf,
  namesIn,
  producerEntry,
  segmentOf,
  singles,
} from '../../../support/log-parts.ts'

const EPOCHS = `${FOLDER}/leader-epoch-checkpoint`

const producer = producerEntry

/** The caches of a log with one segment, which rolls when it is told to. */
async function given(limits: Partial<LogLimits> = {}) {
  const disk = await diskWithFolder()
  const segments = new SegmentList(disk, FOLDER, [segmentOf(disk, singles(0, ['a', 'b']))])
  const leaderEpochs = new LeaderEpochs()
  const state = { segments, leaderEpochs, logEndOffset: 0, lastStop: 'clean' as const }
  const known = loadToolsOf(quietWorld(disk)) as LogTools
  const tools = { ...known, limits: { ...known.limits, ...limits } }
  const names = async () =>
    (await namesIn(disk))
      .filter(name => !name.endsWith('.log'))
      .map(name => name.replace(/^0+(?=\d)/, ''))
  return { disk, segments, leaderEpochs, caches: new LogCaches(FOLDER, state, tools), names }
}

describe('the files that repeat what a log says', () => {
  it('are written for what is sealed, and then cover the log up to there', async () => {
    const { caches, segments, names } = await given()
    segments.roll(2, 0)
    caches.snapshotAt(2, [producer])
    expect(caches.writtenTo).toBe(0)
    await caches.write(2, undefined)
    expect(await names()).toEqual(['0.index', '0.timeindex', '2.sequences', '2.snapshot'])
    expect(caches.writtenTo).toBe(2)
  })

  it('hold the producers of that moment', async () => {
    const { disk, caches } = await given()
    caches.snapshotAt(2, [producer])
    await caches.writeSnapshots()
    const path = `${FOLDER}/00000000000000000002`
    const snapshot = (await disk.readFile(`${path}.snapshot`)) as Buffer
    const sequences = await disk.readFile(`${path}.sequences`)
    expect(decodeProducerSnapshot({ snapshot, sequences }, crc32c)).toEqual([producer])
  })

  it('are written once', async () => {
    const { disk, caches, segments, leaderEpochs } = await given()
    segments.roll(2, 0)
    leaderEpochs.assign(3, 0)
    await caches.write(2, undefined)
    const count = disk.operations.length
    await caches.write(2, undefined)
    expect(disk.operations.length).toBe(count)
  })

  it('have the leader epochs as Kafka writes them', async () => {
    const { disk, caches, leaderEpochs } = await given()
    await caches.write(0, undefined)
    expect(await disk.readFile(EPOCHS)).toBeUndefined()
    leaderEpochs.assign(3, 0)
    leaderEpochs.assign(7, 2)
    await caches.write(2, undefined)
    expect((await disk.readFile(EPOCHS))?.toString()).toBe('0\n2\n3 0\n7 2\n')
  })

  it('leave out the snapshot of a roll that was taken back, but for one where the log ends, which retention may have taken', async () => {
    const { caches, names } = await given()
    caches.snapshotAt(2, [])
    caches.snapshotAt(5, [producer])
    caches.forgetBeyond(2)
    await caches.writeSnapshots()
    expect(await names()).toEqual(['2.snapshot'])
  })

  it('let nothing of a segment be cleaned whose end has a snapshot that is not written yet, and go on covering it', async () => {
    const { caches, segments } = await given()
    await caches.write(2, undefined)
    const covered = () => [caches.writtenTo, caches.cleanableTo]
    expect(covered()).toEqual([2, 2])
    segments.roll(2, 0)
    caches.snapshotAt(2, [producer])
    expect([...covered(), caches.unwrittenSnapshot]).toEqual([2, 1, 2])
    await caches.writeSnapshots()
    expect([...covered(), caches.unwrittenSnapshot]).toEqual([2, 2, undefined])
  })

  it('may wait for want of space, and so does what they cover', async () => {
    const { disk, caches, segments, leaderEpochs, names } = await given()
    segments.roll(2, 0)
    leaderEpochs.assign(3, 0)
    caches.snapshotAt(2, [producer])
    disk.fault = call => (call === 'write' ? 'ENOSPC' : undefined)
    await caches.write(2, undefined)
    expect(caches.writtenTo).toBe(0)
    disk.fault = () => undefined
    await caches.write(2, undefined)
    expect(caches.writtenTo).toBe(2)
    expect(await names()).toEqual([
      ...['0.index', '0.timeindex', '2.sequences', '2.snapshot', 'leader-epoch-checkpoint'],
    ])
  })

  it('are written again when a file of theirs, or the folder, could not be opened', async () => {
    const { disk, caches, segments, leaderEpochs, names } = await given()
    segments.roll(2, 0)
    leaderEpochs.assign(3, 0)
    caches.snapshotAt(2, [producer])
    let opens = 0
    for (let failing = 0, isDone = false; !isDone; failing += 1) {
      opens = 0
      disk.fault = call => (call === 'open' && opens++ === failing ? 'EMFILE' : undefined)
      isDone = await caches.write(2, undefined).then(
        () => true,
        error => {
          expect(error).toMatchObject({ isShortOfFiles: true })
          return false
        },
      )
      if (!isDone) expect(caches.writtenTo).toBe(0)
    }
    expect(caches.writtenTo).toBe(2)
    expect(await names()).toEqual([
      ...['0.index', '0.timeindex', '2.sequences', '2.snapshot', 'leader-epoch-checkpoint'],
    ])
  })

  it('are not silently missing when the disk fails otherwise', async () => {
    const { disk, caches, segments } = await given()
    segments.roll(2, 0)
    disk.fault = call => (call === 'sync' ? 'EIO' : undefined)
    await expect(caches.write(2, undefined)).rejects.toThrow('EIO')
    expect(caches.writtenTo).toBe(0)
  })

  it('are all there after a clean stop, with the indexes of the segment that was written to', async () => {
    const { disk, caches, names } = await given()
    await caches.writeAll(2)
    expect([await names(), caches.writtenTo]).toEqual([['0.index', '0.timeindex'], 2])
    disk.fault = call => (call === 'write' ? 'ENOSPC' : undefined)
    caches.snapshotAt(2, [])
    await expect(caches.writeAll(2)).rejects.toThrow('ENOSPC')
  })

  it('have the recovery mark of the moment in which a sync began, once all else is there', async () => {
    const { disk, caches, segments, names } = await given({ recoveryMarkBytes: 1 })
    const mark = caches.markAt(2, { count: 1, entries: () => [producer] })
    segments.roll(2, 0)
    disk.fault = (call, path) =>
      call === 'write' && path.includes('timeindex') ? 'ENOSPC' : undefined
    await caches.write(2, mark)
    expect(await names()).not.toContain('recovery-mark')
    disk.fault = () => undefined
    await caches.write(2, mark)
    expect(await names()).toContain('recovery-mark')
    await caches.writeAll(2)
    expect(await names()).not.toContain('recovery-mark')
  })
})
