import { expect, it } from 'vitest'
import type { DirtyLog } from '../../../../packages/broker/src/log/dirty-log.ts'
import { UnsyncedLogs } from '../../../../packages/broker/src/log/unsynced-logs.ts'

const logs = ['a', 'b', 'c'] as unknown as [DirtyLog, DirtyLog, DirtyLog]

it('adds up what is not synced, of each log and of all, until its sync has ended', () => {
  const unsynced = new UnsyncedLogs()
  const [a, b] = logs
  unsynced.add(a, 10, 1)
  unsynced.add(a, 5, 2)
  unsynced.add(b, 7, 3)
  expect([unsynced.get(a), unsynced.totalBytes, unsynced.size]).toEqual([
    { bytes: 15, sinceMs: 1, isQueued: false },
    22,
    2,
  ])
  const bytes = unsynced.begin(a)
  unsynced.add(a, 1, 4)
  expect([bytes, unsynced.totalBytes, unsynced.get(a)?.sinceMs]).toEqual([15, 23, 4])
  unsynced.done(bytes)
  expect(unsynced.totalBytes).toBe(8)
  unsynced.forget(b)
  unsynced.forget(b)
  expect([unsynced.totalBytes, unsynced.has(b), [...unsynced.keys()]]).toEqual([1, false, [a]])
})

it('knows the log with the most, but for those whose turn will come anyway', () => {
  const unsynced = new UnsyncedLogs()
  expect(unsynced.largest()).toBeUndefined()
  for (const [index, log] of logs.entries()) unsynced.add(log, 10 + index, 0)
  expect(unsynced.largest()).toBe(logs[2])
  for (const [log, one] of unsynced.entries()) one.isQueued = log !== logs[0]
  expect(unsynced.largest()).toBe(logs[0])
})
