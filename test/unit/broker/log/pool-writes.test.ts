import { describe, expect, it } from 'vitest'
import type { DirtyLog } from '../../../../packages/broker/src/log/dirty-log.ts'
import { PoolWrites } from '../../../../packages/broker/src/log/pool-writes.ts'
import { DiskError } from '../../../../packages/broker/src/world.ts'
import { settle } from '../../../support/journal-world.ts'
import { startFlusher, TracedLog } from '../../../support/traced-log.ts'

const MEGABYTE = 2 ** 20

it('is for large writes', () => {
  const pool = new PoolWrites(1_000)
  expect([pool.isFor(999, 0), pool.isFor(1_000, 0)]).toEqual([false, true])
})

it('is for all writes in the half second after one that held the event loop up', () => {
  const pool = new PoolWrites(MEGABYTE)
  pool.heldUp(100, 140)
  expect(pool.isFor(1, 140)).toBe(false)
  pool.heldUp(1_000, 1_041)
  expect([1_041, 1_540, 1_541].map(now => pool.isFor(1, now))).toEqual([true, true, false])
  expect(pool.isFor(0, 1_041)).toBe(false)
})

it('is for them longer and longer, up to ten seconds, while the first that is not held the event loop up again', () => {
  const pool = new PoolWrites(MEGABYTE)
  let now = 0
  const lasted = () => {
    pool.heldUp(now, now + 50)
    const from = now + 50
    for (now = from; pool.isFor(1, now); now += 500);
    return now - from
  }
  expect(Array.from({ length: 7 }, lasted)).toEqual([
    500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000,
  ])
  // A busy processor is no slow disk: what was slow once, a while ago, says nothing.
  now += 10_000
  expect(lasted()).toBe(500)
})

it('writes a few logs at once, and nobody asks after those that were forgotten', () => {
  const pool = new PoolWrites(1)
  const logs = Array.from({ length: 4 }, () => ({}) as DirtyLog)
  for (const log of logs) pool.begin(log)
  const [first, second, third] = logs as [DirtyLog, DirtyLog, DirtyLog]
  expect([pool.isFull, pool.has(first), pool.count]).toEqual([true, true, 4])
  expect([pool.end(first), pool.has(first), pool.isFull]).toEqual([true, false, false])
  pool.forget(second)
  expect(pool.end(second)).toBe(false)
  pool.forgetAll()
  expect([pool.end(third), pool.count]).toEqual([false, 0])
})

const pooling = { poolWriteBytes: 1_000 }

describe('the flusher and the thread pool', () => {
  it('leaves large writes to it, one of a log at a time, and counts them when they have ended', async () => {
    const { append, turn, flusher } = await startFlusher(pooling)
    const [large, small] = [new TracedLog(0), new TracedLog(1)]
    append(large, 1_000)
    append(small, 999)
    await turn()
    expect(large.trace).toEqual(['pool 1000'])
    expect(small.trace).toEqual(['write 999', 'durable 1'])
    expect([large, small].map(log => flusher.isBehind(log))).toEqual([true, false])
    append(large, 10)
    await turn()
    expect(large.trace).toHaveLength(1)
    large.endPoolWrite()
    await settle()
    await turn()
    expect(large.trace).toEqual(['pool 1000', 'write 1010', 'durable 1'])
    expect(flusher.isBehind(large)).toBe(false)
  })

  it('writes by it what a log took meanwhile', async () => {
    const { append, turn } = await startFlusher(pooling)
    const log = new TracedLog(0)
    append(log, 1_000)
    await turn()
    const left = (): void => void (log.pendingBytes = 300)
    const write = log.writePending.bind(log)
    log.writePending = () => {
      const written = write()
      left()
      log.writePending = write
      return written
    }
    log.endPoolWrite()
    await settle()
    await turn()
    expect(log.trace).toEqual(['pool 1000', 'write 1000', 'durable 1', 'write 300', 'durable 2'])
  })

  it('lets no more than four logs use it at once; the others wait for a place', async () => {
    const { append, turn, flusher } = await startFlusher(pooling)
    const logs = Array.from({ length: 6 }, (_, index) => new TracedLog(index))
    for (const log of logs) append(log, 1_000)
    await turn()
    expect(logs.map(log => log.trace.length)).toEqual([1, 1, 1, 1, 0, 0])
    expect(logs.map(log => flusher.isBehind(log))).not.toContain(false)
    logs[2]?.endPoolWrite()
    await settle()
    await turn()
    expect(logs.map(log => log.trace[0])).toEqual([...Array(5).fill('pool 1000'), undefined])
    // The place of a log that is deleted meanwhile becomes free when its write has ended, too.
    for (const log of logs.slice(0, 2)) flusher.forget(log)
    logs[0]?.endPoolWrite()
    await settle()
    await turn()
    expect(logs[0]?.trace).toEqual(['pool 1000', 'write 1000'])
    expect(logs[5]?.trace).toEqual(['pool 1000'])
  })

  it('leaves all writes to it for a while after one that held the event loop up', async () => {
    const { append, turn, world } = await startFlusher(pooling)
    const log = new TracedLog(0)
    const write = log.writePending.bind(log)
    log.writePending = () => {
      world.clock.advance(50)
      log.writePending = write
      return write()
    }
    append(log, 10)
    await turn()
    append(log, 20)
    await turn()
    expect(log.trace).toEqual(['write 10', 'durable 1', 'pool 20'])
    log.endPoolWrite()
    await settle()
    world.clock.advance(500)
    append(log, 30)
    await turn()
    expect(log.trace.slice(3, 7)).toEqual(['write 20', 'durable 2', 'write 30', 'durable 3'])
  })

  it('tells a log of a write that failed there as of any, and when the disk is full', async () => {
    const { append, turn } = await startFlusher(pooling)
    const [full, broken] = [new TracedLog(0), new TracedLog(1)]
    full.writeError = new DiskError('write', '/data/0.log', 'ENOSPC')
    broken.writeError = new DiskError('write', '/data/1.log', 'EIO')
    for (const log of [full, broken]) append(log, 1_000)
    await turn()
    for (const log of [full, broken]) {
      log.pendingBytes = 0
      log.endPoolWrite()
    }
    await settle()
    expect(full.trace).toEqual(['pool 1000', 'refused ENOSPC'])
    expect(broken.trace).toEqual(['pool 1000', 'failed EIO'])
  })

  it('tells a log whose write ends after the storage has failed, and counts nothing of it', async () => {
    const { append, turn, disk, failures } = await startFlusher(pooling)
    const [slow, other] = [new TracedLog(0), new TracedLog(1)]
    append(slow, 1_000)
    append(other, 10)
    disk.fault = call => (call === 'sync' ? 'EIO' : undefined)
    await turn()
    expect(failures).toEqual(['EIO'])
    slow.endPoolWrite()
    await settle()
    expect(slow.trace).toEqual(['pool 1000', 'write 1000', 'failed EIO'])
  })

  it('waits for it at the stop, and writes the rest at once', async () => {
    const { append, turn, flusher, world } = await startFlusher(pooling)
    const [first, second] = [new TracedLog(0), new TracedLog(1)]
    append(first, 1_000)
    await turn()
    append(second, 1_000)
    let isClosed = false
    const closed = flusher.close().then(() => {
      isClosed = true
    })
    await settle()
    expect([isClosed, second.trace[0]]).toEqual([false, 'write 1000'])
    first.endPoolWrite()
    await closed
    expect(first.trace).toEqual(['pool 1000', 'write 1000', 'durable 1', 'sync'])
    expect(world.clock.waitingCount).toBe(0)
  })
})
