import { describe, expect, it } from 'vitest'
import {
  type AddedBytes,
  CommitProgress,
} from '../../../../packages/broker/src/replication/commit-progress.ts'

/** A log of ten bytes a record, with a transaction that is open from `firstUnstable` on. */
function given(committedTo = 0) {
  const log = { firstUnstable: undefined as number | undefined, logStartOffset: 0 }
  const committed: number[] = []
  const told: AddedBytes[] = []
  const progress = new CommitProgress(
    {
      get logStartOffset() {
        return log.logStartOffset
      },
      bytesBetween: (from, to) => (to - from) * 10,
      producers: {
        committedUpTo: offset => void committed.push(offset),
        firstUnstableOffset: () => log.firstUnstable,
      },
    },
    committedTo,
    added => void told.push(added),
  )
  return { log, committed, told, progress }
}

describe('the progress of a partition', () => {
  it('begins where the log is committed, which the producers learn', () => {
    const { progress, committed, told } = given(7)
    expect([progress.highWatermark, progress.lastStableOffset]).toEqual([7, 7])
    expect([committed, told]).toEqual([[7], []])
  })

  it('answers who waits for it, and then tells what can be read, as it was counted', () => {
    const { progress, committed, told } = given()
    const done: string[] = []
    for (const offset of [2, 5])
      progress.wait(offset, error => done.push(`${offset} ${error} before ${told.length}`))
    progress.advance(3, 33)
    expect([done, committed]).toEqual([['2 NONE before 0'], [0, 3]])
    expect(told).toEqual([{ committedBytes: 33, stableBytes: 33 }])
  })

  it('stops at a transaction for readers of what is committed, and its end sets free what it held (T3)', () => {
    const { log, progress, told } = given()
    log.firstUnstable = 2
    progress.advance(5, 50)
    expect([progress.highWatermark, progress.lastStableOffset]).toEqual([5, 2])
    log.firstUnstable = undefined
    progress.advance(6, 10)
    expect(progress.lastStableOffset).toBe(6)
    expect(told).toEqual([
      { committedBytes: 50, stableBytes: 20 },
      { committedBytes: 10, stableBytes: 40 },
    ])
  })

  it('never stops below the start of the log, which deletion may move into a transaction', () => {
    const { log, progress } = given()
    log.firstUnstable = 2
    progress.advance(5, 50)
    log.logStartOffset = 4
    expect(progress.lastStableOffset).toBe(4)
  })

  it('tells those who wait for what is lost, and no others', () => {
    const { progress } = given()
    const done: string[] = []
    for (const offset of [3, 8]) progress.wait(offset, error => done.push(`${offset} ${error}`))
    progress.fail(5, 'KAFKA_STORAGE_ERROR')
    expect(done).toEqual(['8 KAFKA_STORAGE_ERROR'])
    progress.advance(3, 30)
    expect(done.at(-1)).toBe('3 NONE')
  })

  it('never goes back (L2, T3)', () => {
    const { log, progress } = given(7)
    expect(() => progress.advance(6, 0)).toThrow('L2')
    log.firstUnstable = 3
    expect(() => progress.advance(8, 10)).toThrow('T3')
  })
})
