import { describe, expect, it } from 'vitest'
import { DiskError } from '../../../../../packages/broker/src/world.ts'
import {
  entryAt,
  extentAt,
  reopen,
  startFresh,
  topicId,
} from '../../../../support/journal-on-disk.ts'
import { topicIdOf } from '../../../../support/journal-workload.ts'
import { settle } from '../../../../support/journal-world.ts'

describe('the journal', () => {
  it('makes what is committed during a sync durable with one more', async () => {
    const { disk, journal } = await startFresh()
    const before = disk.syncCount
    const done: number[] = []
    for (let index = 0; index < 50; index += 1) {
      journal.commit([entryAt(index, 'x')], () => done.push(index))
    }
    await settle()
    expect(disk.syncCount - before).toBe(2)
    expect(done).toEqual(Array.from({ length: 50 }, (_, index) => index))
  })

  it('answers a commit without entries when all before it is durable', async () => {
    const { journal } = await startFresh()
    const order: string[] = []
    journal.commit([entryAt(0, 'x')], () => order.push('entry'))
    journal.commit([], () => order.push('nothing'))
    await settle()
    expect(order).toEqual(['entry', 'nothing'])
  })

  it('remembers what an entry said', async () => {
    const { disk, journal } = await startFresh()
    journal.commit([entryAt(7, 'seven')], () => undefined)
    await settle()
    const { log } = await reopen(disk)
    const [entry] = log?.entries ?? []
    expect(entry).toMatchObject({
      leaderEpoch: 2,
      baseOffset: 7,
      endOffset: 8,
      segmentPosition: 70,
    })
    expect(`${entry?.type === 'bytes' && (await entry.read())}`).toBe('seven')
  })

  it('carries what was durable before, so that damage below can be told from a torn tail', async () => {
    const { disk, journal } = await startFresh()
    journal.commit([entryAt(0, 'a')], () => undefined)
    await settle()
    expect((await reopen(disk)).log?.durableOffset).toBeUndefined()
    expect(journal.hasUncarried).toBe(true)
    journal.commit([], () => undefined)
    await settle()
    expect(journal.hasUncarried).toBe(false)
    expect((await reopen(disk)).log?.durableOffset).toBe(1)
  })

  it('syncs each segment of a large batch once, and does not answer before', async () => {
    const { disk, journal } = await startFresh()
    let syncs = 0
    let finish: () => void = () => undefined
    const segment = {
      sync: () => {
        syncs += 1
        return new Promise<void>(resolve => {
          finish = resolve
        })
      },
    }
    let isDone = false
    journal.commit([extentAt(0, segment), extentAt(1, segment)], () => {
      isDone = true
    })
    await settle()
    expect({ syncs, isDone }).toEqual({ syncs: 1, isDone: false })
    finish()
    await settle()
    expect(isDone).toBe(true)
    expect((await reopen(disk)).log?.entries).toMatchObject([
      { type: 'extent', sizeBytes: 100_000 },
      { type: 'extent' },
    ])
  })

  it('keeps nothing of a log that was deleted while its entries waited or were written', async () => {
    const { disk, journal } = await startFresh()
    const deleted = { topicId: topicIdOf(1), partition: 4 }
    const other = (offset: number) => ({ ...entryAt(offset, 'x'.repeat(5_000)), ...deleted })
    const done: string[] = []
    journal.commit([other(0)], () => done.push('written'))
    journal.commit([entryAt(0, 'a'), other(1)], () => done.push('waiting'))
    journal.forget(deleted)
    await settle()
    expect(done).toEqual(['written', 'waiting'])
    for (let offset = 1; offset < 40; offset += 1) {
      journal.commit([entryAt(offset, 'x'.repeat(5_000))], () => done.push('later'))
      await settle()
      journal.segmentsSynced({ topicId, partition: 4 }, journal.mark())
      await settle()
    }
    expect(done).toHaveLength(41)
    expect((await reopen(disk)).opened.recovered.get(deleted)).toBeUndefined()
  })

  it('never retries a failed sync: that group, what waits and all later commits fail', async () => {
    const { disk, journal } = await startFresh()
    let failing = true
    disk.fault = call => (call === 'sync' && failing ? 'EIO' : undefined)
    const codes: (string | undefined)[] = []
    const done = (error: DiskError | undefined) => void codes.push(error?.code)
    journal.commit([entryAt(0, 'a')], done)
    journal.commit([entryAt(1, 'b')], done)
    await settle()
    failing = false
    const syncs = disk.syncCount
    journal.commit([entryAt(2, 'c')], done)
    await settle()
    expect(codes).toEqual(['EIO', 'EIO', 'EIO'])
    expect(disk.syncCount).toBe(syncs)
  })

  it('fails when the segment of a large batch cannot be synced', async () => {
    const { journal } = await startFresh()
    const segment = { sync: () => Promise.reject(new DiskError('sync', '/data/x', 'EIO')) }
    const codes: (string | undefined)[] = []
    journal.commit([extentAt(0, segment)], error => void codes.push(error?.code))
    await settle()
    expect(codes).toEqual(['EIO'])
  })

  it('waits for a segment that could not be opened for its sync, which is no failed sync', async () => {
    const { journal, world } = await startFresh()
    let error: DiskError | undefined = new DiskError('sync', '/data/x', 'EMFILE')
    const segment = {
      sync: () => (error === undefined ? Promise.resolve() : Promise.reject(error)),
    }
    const codes: (string | undefined)[] = []
    journal.commit([extentAt(0, segment)], error => void codes.push(error?.code))
    await settle()
    world.clock.advance(100)
    await settle()
    expect(codes).toEqual([])
    error = undefined
    world.clock.advance(100)
    await settle()
    expect(codes).toEqual([undefined])
  })

  it('waits when a copy-on-write disk has no space for a group, and goes on when it has', async () => {
    const { disk, journal, world } = await startFresh()
    let isFull = true
    disk.fault = call => (call === 'write' && isFull ? 'ENOSPC' : undefined)
    const codes: (string | undefined)[] = []
    journal.commit([entryAt(0, 'a')], error => void codes.push(error?.code))
    await settle()
    expect(codes).toEqual([])
    isFull = false
    world.clock.advance(500)
    await settle()
    expect(codes).toEqual([undefined])
    expect((await reopen(disk)).log?.entries).toHaveLength(1)
  })

  it('closes after the group that was being written when the storage failed elsewhere', async () => {
    const { journal } = await startFresh()
    let finish: () => void = () => undefined
    const segment = {
      sync: () =>
        new Promise<void>(resolve => {
          finish = resolve
        }),
    }
    const codes: (string | undefined)[] = []
    journal.commit([extentAt(0, segment)], error => void codes.push(error?.code))
    await settle()
    journal.fail(new DiskError('sync', '/elsewhere', 'EIO'))
    const closed = journal.close()
    finish()
    await closed
    expect(codes).toEqual(['EIO'])
  })
})
