import { describe, expect, it } from 'vitest'
import { Flusher } from '../../../../packages/broker/src/log/flusher.ts'
import { removeJournal } from '../../../../packages/broker/src/log/journal/recover.ts'
import { DiskError } from '../../../../packages/broker/src/world.ts'
import { DiskImage } from '../../../support/disk-image.ts'
import { quietWorld, settle } from '../../../support/journal-world.ts'
import { ModelDisk } from '../../../support/model-disk.ts'
import { flusherLimits, startFlusher, TracedLog } from '../../../support/traced-log.ts'

describe('the flusher', () => {
  it('writes each log once a turn and makes all of them durable with one sync', async () => {
    const { disk, append, turn } = await startFlusher({})
    const logs = [new TracedLog(0), new TracedLog(1)]
    const before = disk.syncCount
    for (const log of [...logs, ...logs]) append(log, 100)
    expect(logs.map(log => log.trace)).toEqual([[], []])
    await turn()
    const expected = ['write 200', 'durable 1']
    expect(logs.map(log => log.trace)).toEqual([expected, expected])
    expect(disk.syncCount - before).toBe(1)
  })

  it('does not journal a relaxed log, but syncs it in time', async () => {
    const { disk, world, append, turn } = await startFlusher({})
    const log = new TracedLog(0)
    log.isRelaxed = true
    log.flushMs = 1_000
    const before = disk.operations.length
    append(log, 100)
    await turn()
    expect(disk.operations.length).toBe(before)
    world.clock.advance(900)
    await settle()
    expect(log.trace).toEqual(['write 100'])
    world.clock.advance(300)
    await settle()
    await settle()
    expect(log.trace).toEqual(['write 100', 'sync'])
    world.clock.advance(10_000)
    expect(world.clock.waitingCount).toBe(0)
  })

  it('syncs the segments of a log by bytes, a few logs at once, and each log once at a time', async () => {
    const { append, turn } = await startFlusher({ unsyncedBytes: 1_000 })
    const logs = Array.from({ length: 5 }, (_, index) => new TracedLog(index))
    for (const log of logs) append(log, 600)
    await turn()
    for (const log of logs) append(log, 600)
    await turn()
    for (let round = 0; round < 12; round += 1) await turn()
    for (const log of logs) expect(log.trace.filter(what => what === 'sync')).toHaveLength(1)
  })

  it('syncs the logs with the most when all together have too many unsynced bytes', async () => {
    const limits = { unsyncedTotalBytes: 4_000, unsyncedBytes: 10_000, syncsAtOnce: 1 }
    const { append, turn } = await startFlusher(limits)
    const logs = [new TracedLog(0), new TracedLog(1), new TracedLog(2)]
    for (const [index, log] of logs.entries()) {
      append(log, 500 + 100 * index)
      await turn()
    }
    expect(logs.flatMap(log => log.trace)).not.toContain('sync')
    append(logs[0] as TracedLog, 300)
    await turn()
    await settle()
    expect(logs.map(log => log.trace.includes('sync'))).toEqual([true, false, false])
  })

  it('holds relaxed logs back while the disk does not keep up, and no longer', async () => {
    const limits = { unsyncedTotalBytes: 4_000, writeBackBytes: 10_000, syncsAtOnce: 1 }
    const { flusher, append, turn } = await startFlusher(limits)
    const [slow, other] = [new TracedLog(0), new TracedLog(1)]
    for (const log of [slow, other]) log.isRelaxed = true
    append(slow, 1_900)
    await turn()
    expect(flusher.holdsBack(slow, 2)).toBe(false)
    let isHeld = false
    slow.afterWrite = () => {
      isHeld = flusher.holdsBack(slow, 2)
    }
    append(slow, 2_500)
    await turn()
    expect(isHeld).toBe(true)
    await settle()
    expect(slow.trace.slice(-2)).toEqual(['sync', 'durable 2'])
    expect(flusher.holdsBack(other, 1)).toBe(false)
  })

  it('lets go of who waited for a log that is deleted', async () => {
    const limits = { unsyncedTotalBytes: 1_000, syncsAtOnce: 1 }
    const { flusher, append, turn } = await startFlusher(limits)
    const [deleted, other] = [new TracedLog(0), new TracedLog(1)]
    deleted.syncError = new DiskError('open', '/data/a', 'EMFILE')
    append(deleted, 900)
    append(deleted, 900)
    await turn()
    await settle()
    expect(flusher.holdsBack(other, 7)).toBe(true)
    flusher.forget(deleted)
    await turn()
    expect(other.trace).toEqual(['durable 7'])
  })

  it('leaves the event loop its turns when too much is unsynced and files cannot be opened', async () => {
    const limits = { unsyncedTotalBytes: 1_000, syncsAtOnce: 1 }
    const { world, append, turn } = await startFlusher(limits)
    const log = new TracedLog(0)
    let tries = 0
    log.syncSegments = async () => {
      tries += 1
      if (tries < 100) throw new DiskError('open', '/data/a', 'EMFILE')
      return 1
    }
    append(log, 900)
    await turn()
    expect(tries).toBe(1)
    world.clock.advance(250)
    await settle()
    expect(tries).toBe(2)
  })

  it('holds nobody back for ever once the storage has failed', async () => {
    const limits = { unsyncedTotalBytes: 1_000, syncsAtOnce: 1 }
    const { flusher, failures, append, turn } = await startFlusher(limits)
    const [broken, other] = [new TracedLog(0), new TracedLog(1)]
    broken.syncError = new DiskError('sync', '/data/0.log', 'EIO')
    for (const log of [broken, other]) append(log, 900)
    await turn()
    await settle()
    expect([failures, flusher.holdsBack(other, 1)]).toEqual([['EIO'], false])
  })

  it('syncs what keeps the journal full, so that commits go on for ever in two small files', async () => {
    const { append, turn } = await startFlusher({ unsyncedBytes: 1e9 })
    const logs = [new TracedLog(0), new TracedLog(1)]
    for (let round = 0; round < 60; round += 1) {
      for (const log of logs) append(log, 3_000)
      await turn()
      await turn()
    }
    for (let round = 0; round < 10; round += 1) await turn()
    for (const log of logs) expect(log.trace).toContain('durable 60')
  })

  it('frees the journal of a log that was synced by bytes and fell silent', async () => {
    const { append, turn } = await startFlusher({ unsyncedBytes: 1_000 })
    const [silent, busy] = [new TracedLog(0), new TracedLog(1)]
    append(silent, 3_000)
    await turn()
    await turn()
    expect(silent.trace).toEqual(['write 3000', 'durable 1', 'sync'])
    for (let round = 0; round < 60; round += 1) {
      append(busy, 900)
      await turn()
      await turn()
    }
    for (let round = 0; round < 10; round += 1) await turn()
    expect(busy.trace).toContain('durable 60')
  })

  it('lets only the log that found the disk full take its appends back', async () => {
    const { append, turn, failures } = await startFlusher({})
    const [full, fine] = [new TracedLog(0), new TracedLog(1)]
    full.writeError = new DiskError('write', '/data/a', 'ENOSPC')
    append(full, 10)
    append(fine, 10)
    await turn()
    expect(full.trace).toEqual(['refused ENOSPC'])
    expect(fine.trace).toEqual(['write 10', 'durable 1'])
    full.writeError = undefined
    append(full, 10)
    await turn()
    expect(full.trace).toEqual(['refused ENOSPC', 'write 20', 'durable 1'])
    expect(failures).toEqual([])
  })

  it('takes a log offline whose segment cannot be written, and no other', async () => {
    const { append, turn, failures } = await startFlusher({})
    const [broken, fine] = [new TracedLog(0), new TracedLog(1)]
    broken.writeError = new DiskError('write', '/data/a', 'EIO')
    append(broken, 10)
    append(fine, 10)
    await turn()
    expect(broken.trace).toEqual(['failed EIO'])
    expect(fine.trace).toEqual(['write 10', 'durable 1'])
    expect(failures).toEqual([])
  })

  it('syncs what a log wrote before it could not be written any more', async () => {
    const { world, append, turn, flusher } = await startFlusher({})
    const log = new TracedLog(0)
    append(log, 10)
    await turn()
    log.writeError = new DiskError('write', '/data/a', 'EIO')
    append(log, 10)
    await turn()
    expect(log.trace).toEqual(['write 10', 'durable 1', 'failed EIO'])
    world.clock.advance(6_000)
    await settle()
    await settle()
    expect(log.trace.at(-1)).toBe('sync')
    await flusher.close()
  })

  it('takes every log offline when the journal cannot be synced, and says so once', async () => {
    const { disk, append, turn, failures, flusher } = await startFlusher({})
    const logs = [new TracedLog(0), new TracedLog(1)]
    append(logs[0] as TracedLog, 10)
    await turn()
    append(logs[1] as TracedLog, 10)
    disk.fault = call => (call === 'sync' ? 'EIO' : undefined)
    await turn()
    disk.fault = () => undefined
    append(logs[0] as TracedLog, 10)
    await turn()
    expect(logs[0]?.trace).toEqual(['write 10', 'durable 1', 'failed EIO', 'failed EIO'])
    expect(logs[1]?.trace).toEqual(['write 10', 'failed EIO'])
    expect(failures).toEqual(['EIO'])
    await expect(flusher.close()).rejects.toMatchObject({ code: 'EIO' })
  })

  it('takes every log offline when a segment cannot be synced', async () => {
    const { append, turn, failures } = await startFlusher({ unsyncedBytes: 5 })
    const logs = [new TracedLog(0), new TracedLog(1)]
    for (const log of logs) log.syncError = new DiskError('sync', '/data/a', 'EIO')
    for (const log of logs) append(log, 10)
    await turn()
    await turn()
    for (const log of logs) expect(log.trace).toEqual(['write 10', 'durable 1', 'failed EIO'])
    expect(failures).toEqual(['EIO'])
  })

  it('tries a sync again whose file could not even be opened, and says so once', async () => {
    const { world, append, turn, failures, flusher, warnings } = await startFlusher({
      unsyncedBytes: 5,
    })
    const log = new TracedLog(0)
    log.syncError = new DiskError('open', '/data/a', 'EMFILE')
    append(log, 10)
    await turn()
    for (let round = 0; round < 5; round += 1) {
      world.clock.advance(250)
      await settle()
      await settle()
    }
    expect(log.trace).toEqual(['write 10', 'durable 1'])
    expect(warnings).toHaveLength(1)
    log.syncError = undefined
    world.clock.advance(250)
    await settle()
    await settle()
    expect(log.trace).toEqual(['write 10', 'durable 1', 'sync'])
    expect(failures).toEqual([])
    await flusher.close()
  })

  it('keeps in the journal what could not be opened for its sync, so that commits wait for it', async () => {
    const { world, append, turn, failures } = await startFlusher({ unsyncedBytes: 1_000 })
    const log = new TracedLog(0)
    log.syncError = new DiskError('open', '/data/a', 'ENFILE')
    for (let round = 0; round < 60; round += 1) {
      append(log, 3_000)
      await turn()
      await turn()
    }
    expect(log.trace).not.toContain('durable 60')
    log.syncError = undefined
    for (let round = 0; round < 40; round += 1) {
      world.clock.advance(250)
      await turn()
    }
    expect(log.trace).toContain('durable 60')
    expect(failures).toEqual([])
  })

  it('does not wait for ever at the stop for a file that cannot be opened', async () => {
    const { append, turn, flusher } = await startFlusher({})
    const log = new TracedLog(0)
    log.syncError = new DiskError('open', '/data/a', 'EMFILE')
    append(log, 10)
    await turn()
    await expect(flusher.close()).rejects.toMatchObject({ code: 'EMFILE' })
  })

  it('lets a log take its appends back whose new segment cannot be opened', async () => {
    const { append, turn, failures } = await startFlusher({})
    const log = new TracedLog(0)
    log.writeError = new DiskError('open', '/data/a', 'EMFILE')
    append(log, 10)
    await turn()
    log.writeError = undefined
    append(log, 10)
    await turn()
    expect(log.trace).toEqual(['refused EMFILE', 'write 20', 'durable 1'])
    expect(failures).toEqual([])
  })

  it('refuses appends while the reserve of the disk is touched, until there is space again', async () => {
    const reserve = { bytes: 1_000_000, share: 1 }
    const { disk, world, flusher } = await startFlusher({ reserve })
    await settle()
    expect(flusher.spaceError).toBeUndefined()
    disk.capacityBytes = 500_000
    world.clock.advance(5_000)
    await settle()
    expect(flusher.spaceError?.code).toBe('ENOSPC')
    disk.capacityBytes = 5_000_000
    world.clock.advance(500)
    await settle()
    expect(flusher.spaceError).toBeUndefined()
  })

  it('forgets a deleted log, so that neither the journal nor a stop waits for it', async () => {
    const { append, turn, flusher } = await startFlusher({})
    const log = new TracedLog(0)
    append(log, 10)
    await turn()
    append(log, 10)
    flusher.forget(log)
    await flusher.close()
    expect(log.trace).toEqual(['write 10', 'durable 1'])
  })

  it('stops with everything synced and nothing of the journal left', async () => {
    const { disk, world, append, flusher } = await startFlusher({})
    const logs = [new TracedLog(0), new TracedLog(1), new TracedLog(2)]
    for (const log of logs) append(log, 10)
    await flusher.close()
    await removeJournal(world, '/data')
    for (const log of logs) expect(log.trace.sort()).toEqual(['durable 1', 'sync', 'write 10'])
    expect(await disk.list('/data')).toEqual([])
    expect(world.clock.waitingCount).toBe(0)
  })

  it('counts what is written as durable where there is no journal', async () => {
    const disk = new ModelDisk(new DiskImage())
    const world = quietWorld(disk)
    const onFailure = () => undefined
    const options = { world, directory: '/', journal: undefined, limits: flusherLimits, onFailure }
    const flusher = new Flusher(options)
    const log = new TracedLog(0)
    log.pendingBytes = 10
    flusher.markDirty(log)
    world.clock.turn()
    expect(log.trace).toEqual(['write 10', 'durable 1'])
    await flusher.close()
  })
})
