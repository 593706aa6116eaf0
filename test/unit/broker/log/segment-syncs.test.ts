import { describe, expect, it } from 'vitest'
import type { FlusherLimits } from '../../../../packages/broker/src/log/flusher-limits.ts'
import { journalKey } from '../../../../packages/broker/src/log/journal/journal.ts'
import { SegmentSyncs } from '../../../../packages/broker/src/log/segment-syncs.ts'
import { DiskError } from '../../../../packages/broker/src/world.ts'
import { DiskImage } from '../../../support/disk-image.ts'
import { quietWorld, settle } from '../../../support/journal-world.ts'
import { ModelDisk } from '../../../support/model-disk.ts'
import { flusherLimits, TracedLog } from '../../../support/traced-log.ts'

/** Logs whose syncs take until `finish`, and a journal that remembers what it hears. */
function given(changes: Partial<FlusherLimits> = {}) {
  const world = quietWorld(new ModelDisk(new DiskImage()))
  const told: string[] = []
  const syncing: { readonly log: TracedLog; readonly end: (error?: DiskError) => void }[] = []
  let press: (blocking: ReadonlySet<string>) => void = () => undefined
  const state = { mark: 1, afterCheck: 'nothing' as 'more' | 'nothing' }
  const syncs = new SegmentSyncs({
    world,
    limits: { ...flusherLimits, ...changes },
    journal: {
      mark: () => state.mark,
      segmentsSynced: ({ partition }, mark) => void told.push(`synced ${partition} to ${mark}`),
      whenPressed: onPressure => void (press = onPressure),
    },
    onFailure: ({ code }) => void told.push(`failed ${code}`),
    onEnd: () => void told.push('end'),
    onCheck: () => {
      told.push('check')
      return state.afterCheck
    },
  })
  const logs = Array.from({ length: 4 }, (_, index) => {
    const log = new TracedLog(index)
    log.syncSegments = () =>
      new Promise((resolve, reject) => {
        syncing.push({ log, end: error => (error === undefined ? resolve(1) : reject(error)) })
      })
    return log
  })
  const at = (index: number) => logs[index] as TracedLog
  const write = (index: number, sizeBytes: number) =>
    syncs.wrote(at(index), { sizeBytes, entries: [{} as never] })
  const begun = () => syncing.map(({ log }) => log.partition)
  const finish = async (error?: DiskError) => {
    syncing.shift()?.end(error)
    await settle()
  }
  return { ...{ world, syncs, told, state, at, write, begun, finish }, press: () => press }
}

const short = new DiskError('open', '/data/a', 'EMFILE')

describe('the syncs of segments', () => {
  it('begin by bytes, a few at once, and tell the journal what it knew when they began', async () => {
    const { write, begun, finish, state, told, syncs } = given({ unsyncedBytes: 100 })
    write(0, 99)
    expect([begun(), syncs.isAtWork, syncs.isAllBegun]).toEqual([[], false, false])
    for (const index of [0, 1, 2]) write(index, 100)
    expect([begun(), syncs.isAtWork, syncs.hasQueued]).toEqual([[0, 1], true, true])
    state.mark = 2
    await finish()
    expect(told).toEqual(['synced 0 to 1', 'end'])
    expect([begun(), syncs.hasQueued, syncs.isAllBegun]).toEqual([[1, 2], false, true])
  })

  it('begin sooner for what is not journaled, and by age', async () => {
    const { at, world, syncs, write, begun, finish } = given({ syncsAtOnce: 4 })
    syncs.wrote(at(0), { sizeBytes: 2_000, entries: [] })
    write(1, 1)
    at(2).flushMs = 1_000
    write(2, 1)
    expect(begun()).toEqual([0])
    world.clock.advance(1_000)
    expect(begun()).toEqual([0, 2])
    world.clock.advance(4_000)
    expect(begun()).toEqual([0, 2, 1])
    for (let round = 0; round < 3; round++) await finish()
    world.clock.advance(250)
    expect(world.clock.waitingCount).toBe(0)
  })

  it('begin with the most when all together have too much, and hold back who is relaxed meanwhile', async () => {
    const { at, syncs, write, begun, finish } = given({ unsyncedTotalBytes: 1_000, syncsAtOnce: 1 })
    for (const [index, sizeBytes] of [100, 390, 300].entries()) write(index, sizeBytes)
    expect([begun(), syncs.holdsBack(at(3), 7)]).toEqual([[1], false])
    write(0, 300)
    expect(syncs.holdsBack(at(3), 7)).toBe(true)
    await finish()
    expect([at(3).trace, begun()]).toEqual([['durable 7'], [0]])
  })

  it('let go of who waited for a log that is gone', () => {
    const { at, world, syncs, write } = given({ unsyncedTotalBytes: 1_000, syncsAtOnce: 0 })
    write(0, 1_000)
    expect(syncs.holdsBack(at(3), 7)).toBe(true)
    syncs.forget(at(0))
    world.clock.turn()
    expect([at(3).trace, [...syncs.logs()]]).toEqual([['durable 7'], []])
  })

  it('begin for what presses the journal, though all of it may be synced', async () => {
    const { at, write, begun, finish, press } = given({ unsyncedBytes: 100 })
    write(0, 100)
    await finish()
    press()(new Set([journalKey(at(0)), 'unknown']))
    expect(begun()).toEqual([0])
  })

  it('are tried again with the next check when a file could not be opened, and that is told once', async () => {
    const { world, write, begun, finish, told } = given({ unsyncedBytes: 100 })
    write(0, 100)
    for (let round = 0; round < 3; round++) {
      expect(begun()).toEqual([0])
      await finish(short)
      expect(begun()).toEqual([])
      world.clock.advance(250)
    }
    expect(world.warnings).toEqual(['too many files are open: segments are synced later'])
    await finish()
    expect(told.filter(what => what !== 'end' && what !== 'check')).toEqual(['synced 0 to 1'])
  })

  it('are many at once at a stop, and what cannot be opened then has failed', async () => {
    const { syncs, write, begun, finish, told } = given()
    for (const index of [0, 1, 2, 3]) write(index, 1)
    syncs.hurry()
    syncs.requestAll()
    expect(begun()).toEqual([0, 1, 2, 3])
    await finish(short)
    expect(told).toEqual(['failed EMFILE', 'end'])
  })

  it('are asked for no more once the storage has failed', async () => {
    const { at, world, syncs, write, begun, finish, told } = given({ unsyncedTotalBytes: 10 })
    write(0, 100)
    await finish(new DiskError('sync', '/data/a', 'EIO'))
    expect(told).toEqual(['failed EIO', 'end'])
    syncs.stop()
    write(1, 100)
    syncs.request(at(1))
    world.clock.advance(10_000)
    expect([begun(), syncs.holdsBack(at(3), 7), told.length]).toEqual([[], false, 2])
  })

  it('look for what is old as long as somebody has a use for it', () => {
    const { world, state, syncs, write, told } = given({ syncsAtOnce: 0 })
    state.afterCheck = 'more'
    write(0, 0)
    world.clock.advance(1_000)
    expect(told).toEqual(['check', 'check', 'check', 'check'])
    syncs.endChecks()
    expect(world.clock.waitingCount).toBe(0)
  })
})
