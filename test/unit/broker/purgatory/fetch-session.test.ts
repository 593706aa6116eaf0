import { describe, expect, it } from 'vitest'
import { FetchSession } from '../../../../packages/broker/src/purgatory/fetch-session.ts'
import type { Partition } from '../../../../packages/broker/src/replication/partition.ts'

const position = (partition: number, fetchOffset = 0) => ({
  topic: 'orders',
  partition,
  fetchOffset,
  maxBytes: 1000,
  currentLeaderEpoch: -1,
  lastFetchedEpoch: -1,
})

function partitionWithWatchers() {
  const watchers = new Set<unknown>()
  const partition = {
    watch: (watcher: unknown) => watchers.add(watcher),
    unwatch: (watcher: unknown) => watchers.delete(watcher),
  } as unknown as Partition
  return { watchers, partition }
}

describe('a fetch session', () => {
  it('looks at what was put, what advanced, and what the metadata may have moved', () => {
    const session = new FetchSession(1, 'names', 0)
    const entries = [session.put(position(0)), session.put(position(1))]
    session.changed.clear()
    let bytes = 0
    session.onBytes = ({ committedBytes }) => (bytes += committedBytes)
    entries[1]?.advanced({} as Partition, { committedBytes: 50, stableBytes: 50 })
    expect([[...session.changed], bytes]).toEqual([[entries[1]], 50])
    expect(session.put(position(0, 7))).toBe(entries[0])
    expect(session.changed.size).toBe(2)
    session.changed.clear()
    session.touchAll()
    expect(session.changed.size).toBe(2)
  })

  it('follows a partition that was made again, and lets go of what is forgotten', () => {
    const session = new FetchSession(1, 'names', 0)
    const entry = session.put(position(0))
    const [old, made] = [partitionWithWatchers(), partitionWithWatchers()]
    entry.watch(old.partition)
    entry.watch(made.partition)
    expect([old.watchers.size, made.watchers.size]).toEqual([0, 1])
    session.forget('orders', 0)
    expect([made.watchers.size, session.size, session.changed.size]).toEqual([0, 0, 0])
  })

  it('counts epochs around zero', () => {
    const session = new FetchSession(1, 'names', 0)
    session.expectedEpoch = 0x7fffffff
    session.nextEpoch()
    expect(session.expectedEpoch).toBe(1)
  })
})
