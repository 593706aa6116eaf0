import { describe, expect, it } from 'vitest'
import { LogProgress } from '../../../../packages/broker/src/log/log-progress.ts'

function given() {
  const heard: [number, number][] = []
  const observer = {
    ackableUpTo: (offset: number, addedBytes: number) => void heard.push([offset, addedBytes]),
    appendsFailed: () => undefined,
  }
  return { heard, progress: new LogProgress(5, observer) }
}

describe('how far a log has come', () => {
  it('begins where the log was loaded to, with everything written, counted and synced', () => {
    const { progress } = given()
    expect([progress.writtenEnd, progress.ackableEnd, progress.syncedEnd]).toEqual([5, 5, 5])
  })

  it('tells of what counts once, with the bytes that came to count', () => {
    const { progress, heard } = given()
    progress.written([], 8, 300)
    progress.written([], 9, 100)
    progress.countUpTo(8)
    progress.countUpTo(8)
    progress.countUpTo(6)
    progress.countUpTo(9)
    expect(heard).toEqual([
      [8, 300],
      [9, 100],
    ])
    expect([progress.writtenEnd, progress.ackableEnd]).toEqual([9, 9])
  })

  it('counts nothing that was not written (L2)', () => {
    const { progress } = given()
    expect(() => progress.countUpTo(6)).toThrow('L2')
    expect(() => progress.synced(6)).toThrow('written')
  })

  it('never goes back in what is synced', () => {
    const { progress } = given()
    progress.written([], 9, 400)
    progress.synced(9)
    progress.synced(7)
    expect(progress.syncedEnd).toBe(9)
  })
})
