import { describe, expect, it } from 'vitest'
import { LeaderEpochs } from '../../../../packages/broker/src/log/leader-epochs.ts'
import { loadLog } from '../../../../packages/broker/src/log/load-log.ts'
import type { LoadOptions } from '../../../../packages/broker/src/log/load-options.ts'
import { TimeIndex } from '../../../../packages/broker/src/log/time-index.ts'
import { TransactionIndex } from '../../../../packages/broker/src/log/transaction-index.ts'
import { DiskError } from '../../../../packages/broker/src/world.ts'
import { DiskImage } from '../../../support/disk-image.ts'
import { quietWorld } from '../../../support/journal-world.ts'
import { append, DATA, openHarness } from '../../../support/log-harness.ts'
import {
  afterPowerLoss,
  diskWithFolder,
  FOLDER,
  identity,
  loadOptions,
  loadToolsOf,
  namesIn,
  segmentOf,
  singles,
  writeFile,
} from '../../../support/log-parts.ts'
import { ModelDisk } from '../../../support/model-disk.ts'
import { readValues } from '../../../support/read-log.ts'

const contentOf = ({ file: bytes }: TimeIndex | TransactionIndex): Buffer =>
  bytes.unwritten()?.content ?? Buffer.alloc(0)

const load = (disk: ModelDisk, options: Partial<LoadOptions> = {}) =>
  loadLog(identity, loadOptions(options), loadToolsOf(quietWorld(disk)))

/** A log of three segments that was closed in order. */
async function closed() {
  const disk = await diskWithFolder()
  writeFile(disk, 'partition.metadata', `version: 0\ntopic_id: ${identity.topicId}`)
  for (const baseOffset of [0, 2, 4]) {
    const timestamp = 1_000 + baseOffset
    const segment = segmentOf(disk, singles(baseOffset, ['a', 'b'], { timestamp }), { baseOffset })
    segment.seal()
    await segment.writeIndexes()
  }
  return disk
}

const clean = { lastStop: 'clean', recoveryPoint: 6 } as const
const file = (baseOffset: number, kind: string) =>
  `${FOLDER}/${String(baseOffset).padStart(20, '0')}.${kind}`

describe('opening a log', () => {
  it('makes one where there is none, from the start that is known', async () => {
    const disk = new ModelDisk(new DiskImage())
    await disk.makeDirectory('/data')
    const state = await load(disk, { logStartOffset: 40 })
    expect([state.logStartOffset, state.logEndOffset]).toEqual([40, 40])
    expect(await namesIn(disk)).toEqual([
      ...['00000000000000000040.log', 'leader-epoch-checkpoint', 'partition.metadata'],
    ])
  })

  it('leaves making it to the first append where that is asked for, and reads as empty until then', async () => {
    const disk = new ModelDisk(new DiskImage())
    await disk.makeDirectory('/data')
    const state = await load(disk, { missingFolder: 'leave' })
    expect([state.hasFolder, state.logStartOffset, state.logEndOffset]).toEqual([false, 0, 0])
    expect(await disk.list(FOLDER)).toBeUndefined()
    await expect(load(disk, { missingFolder: 'leave', recoveryPoint: 3 })).rejects.toThrow(
      'EBADMSG',
    )
    const made = await load(disk)
    expect(made.hasFolder).toBe(true)
    expect((await load(disk, { missingFolder: 'leave' })).hasFolder).toBe(true)
  })

  it('refuses to make one where durable records have been', async () => {
    const disk = new ModelDisk(new DiskImage())
    await disk.makeDirectory('/data')
    await expect(load(disk, { recoveryPoint: 3 })).rejects.toThrow('EBADMSG')
    expect(await namesIn(disk)).toEqual([])
  })

  it('reads no more than the end of the last segment after a clean stop', async () => {
    const disk = await closed()
    // The producers at the end: none.
    writeFile(disk, '00000000000000000006.snapshot', Buffer.from('000148674bc700000000', 'hex'))
    const read = new Set<string>()
    disk.fault = (call, path) => {
      if (call === 'read') read.add(path)
      return undefined
    }
    const writes = disk.operations.length
    const state = await load(disk, clean)
    expect([...read].filter(path => path.endsWith('.log'))).toEqual([file(4, 'log')])
    expect(state.logEndOffset).toBe(6)
    expect(disk.operations.length).toBe(writes)
    expect(state.segments.all.map(segment => segment.baseOffset)).toEqual([0, 2, 4])
  })

  it.each([
    ['index', 'is missing', undefined],
    ['timeindex', 'is missing', undefined],
    ['index', 'is cut within an entry', Buffer.alloc(5)],
    ['timeindex', 'is cut within an entry', Buffer.alloc(13)],
    ['index', 'leads beyond the segment', Buffer.from('000000010000ffff', 'hex')],
    ['index', 'leads into the middle of a batch', Buffer.from('0000000100000007', 'hex')],
  ])(
    'looks through the last segment after a clean stop when its %s %s, and has the same',
    async (kind, _, content) => {
      const disk = await closed()
      if (content === undefined) await disk.remove(file(4, kind))
      else writeFile(disk, file(4, kind).slice(FOLDER.length + 1), content)
      const state = await load(disk, clean)
      expect([state.logEndOffset, state.segments.active.maxTimestamp]).toEqual([6, 1_004])
      expect(state.segments.active.indexes?.offsets.floorPosition(5)).toBe(0)
    },
  )

  it('looks through the last segment after a clean stop when an index speaks of more than it holds', async () => {
    for (const kind of ['timeindex', 'txnindex'] as const) {
      const disk = await closed()
      const index = kind === 'timeindex' ? new TimeIndex(4) : new TransactionIndex(4)
      if (index instanceof TimeIndex) index.maybeAppend(9_000, 6)
      else index.append({ producerId: 1, firstOffset: 6, lastOffset: 7, lastStableOffset: 6 })
      writeFile(disk, file(4, kind).slice(FOLDER.length + 1), contentOf(index))
      const { segments, logEndOffset } = await load(disk, clean)
      expect([logEndOffset, segments.active.maxTimestamp]).toEqual([6, 1_004])
      expect(segments.active.transactions.index?.count).toBe(0)
    }
  })

  it.each(['clean', 'unclean'] as const)(
    'removes what an interrupted retention has left beside segments that are gone, after a stop that was %s',
    async lastStop => {
      const disk = await closed()
      const snapshot = Buffer.from('000148674bc700000000', 'hex')
      for (const offset of [0, 6])
        writeFile(disk, file(offset, 'snapshot').slice(FOLDER.length + 1), snapshot)
      await disk.remove(file(0, 'log'))
      const leftOf = async () =>
        (await namesIn(disk)).filter(name => name.startsWith(`${'0'.repeat(20)}.`))
      await load(disk, { ...clean, lastStop })
      // Nothing else says what was before.
      expect(await leftOf()).toEqual(['00000000000000000000.snapshot'])
      writeFile(disk, file(2, 'snapshot').slice(FOLDER.length + 1), snapshot)
      await load(disk, { ...clean, lastStop })
      expect(await leftOf()).toEqual([])
    },
  )

  it('is opened though such a file cannot be removed', async () => {
    const disk = await closed()
    await disk.remove(file(0, 'log'))
    const remove = disk.remove.bind(disk)
    disk.remove = path =>
      path === file(0, 'index')
        ? Promise.reject(new DiskError('remove', path, 'EIO'))
        : remove(path)
    expect((await load(disk, clean)).logStartOffset).toBe(2)
    expect(await namesIn(disk)).toContain('00000000000000000000.index')
  })

  it('calls a log that ends before its recovery point damaged, though the stop was clean', async () => {
    const disk = await closed()
    await expect(load(disk, { lastStop: 'clean', recoveryPoint: 7 })).rejects.toThrow('EBADMSG')
  })

  it('begins no earlier than its first segment and no later than its end', async () => {
    const disk = await closed()
    const starts = []
    for (const logStartOffset of [0, 3, 99])
      starts.push((await load(disk, { ...clean, logStartOffset })).logStartOffset)
    expect(starts).toEqual([0, 3, 6])
    await disk.remove(file(0, 'log'))
    expect((await load(disk, clean)).logStartOffset).toBe(2)
  })

  it('passes over files without a batch beside those that have some', async () => {
    const disk = await closed()
    writeFile(disk, '00000000000000000005.log', '')
    const state = await load(disk, clean)
    expect(state.segments.active.baseOffset).toBe(4)
    expect(await disk.readFile(file(5, 'log'))).toBeUndefined()
  })

  it('takes its leader epochs from their file, and from its batches where that is damaged', async () => {
    const disk = await closed()
    writeFile(disk, 'leader-epoch-checkpoint', '0\n1\n0 0\n')
    expect((await load(disk, clean)).leaderEpochs.starts).toEqual([{ epoch: 0, startOffset: 0 }])
    writeFile(disk, 'leader-epoch-checkpoint', '0\n2\n0 0\n')
    const { leaderEpochs } = await load(disk, {})
    expect(leaderEpochs).toBeInstanceOf(LeaderEpochs)
    expect(leaderEpochs.starts).toEqual([{ epoch: 0, startOffset: 0 }])
  })

  it('fails with the failure of the disk', async () => {
    const disk = await closed()
    disk.fault = (call, path) => (call === 'read' && path.endsWith('4.log') ? 'EIO' : undefined)
    await expect(load(disk, clean)).rejects.toThrow('EIO')
    await expect(load(disk)).rejects.toThrow('EIO')
  })
})

describe('a log after a loss of power', () => {
  it('finds by time what it found before, in segments that are not looked through', async () => {
    const disk = new ModelDisk(new DiskImage())
    const world = quietWorld(disk)
    const options = { settings: { segmentBytes: 170, indexIntervalBytes: 10 } }
    const broker = await openHarness(world, options)
    for (const [index, value] of ['a', 'b', 'c', 'd'].entries()) {
      append(broker.partition(), { values: [value.repeat(80)], timestamp: 1_000 + index })
      await broker.flush()
    }
    await broker.partition().log?.syncSegments()
    world.clock.advance(30_000)
    await broker.flush()
    await disk.syncDirectory(`${DATA}/events-0`)
    const after = await openHarness(quietWorld(afterPowerLoss(disk)), options)
    for (let index = 0; index < 4; index++)
      expect(await after.partition().offsetForTimestamp(1_000 + index)).toMatchObject({
        offset: index,
      })
    expect((await readValues(after.partition())).length).toBe(4)
  })

  it('has all that was acknowledged while files could not be opened, and never went offline', async () => {
    const disk = new ModelDisk(new DiskImage())
    const world = quietWorld(disk)
    const options = { settings: { segmentBytes: 400 }, unsyncedBytes: 300 }
    const broker = await openHarness(world, options)
    const acknowledged: string[] = []
    for (let index = 0; index < 40; index++) {
      disk.fault = call => (call === 'open' && index % 7 > 2 ? 'EMFILE' : undefined)
      const value = `${index}`.repeat(80)
      const { lastOffset } = append(broker.partition(), { values: [value] })
      broker.partition().whenCommitted(lastOffset + 1, error => {
        if (error === 'NONE') acknowledged.push(value)
        else expect(error).toBe('KAFKA_STORAGE_ERROR')
      })
      await broker.flush()
    }
    expect([broker.failures, broker.partition().isOffline]).toEqual([[], false])
    expect(acknowledged.length).toBeGreaterThan(15)
    expect(acknowledged.length).toBeLessThan(40)
    const after = await openHarness(quietWorld(afterPowerLoss(disk)), options)
    expect((await readValues(after.partition())).map(({ value }) => value)).toEqual(acknowledged)
    disk.fault = () => undefined
    world.clock.advance(250)
    await broker.flush()
    await broker.close()
    const whole = await openHarness(quietWorld(disk), options)
    expect((await readValues(whole.partition())).map(({ value }) => value)).toEqual(acknowledged)
  })
})
