import { describe, expect, it } from 'vitest'
import { CommitQueue } from '../../../../../packages/broker/src/log/journal/commit-queue.ts'
import { ENTRY_BYTES, sizeOfParts } from '../../../../../packages/broker/src/log/journal/group.ts'
import { entryAt } from '../../../../support/journal-on-disk.ts'

const done = () => undefined

describe('the queue of commits', () => {
  it('gives what fits, and the answer with the last entry of a commit', () => {
    const queue = new CommitQueue()
    queue.push([entryAt(0, 'aaaa'), entryAt(1, 'bbbb')], done)
    queue.push([], done)
    const first = queue.take(ENTRY_BYTES + 4)
    expect(first).toMatchObject({ entries: [{ baseOffset: 0 }], dones: [] })
    const second = queue.take(10_000)
    expect(second).toMatchObject({ entries: [{ baseOffset: 1 }], dones: [done, done] })
    expect(queue.isEmpty).toBe(true)
  })

  it('cuts an entry that is larger than any room; only the last piece has its end', () => {
    const queue = new CommitQueue()
    queue.push([entryAt(3, 'abcdefghij')], done)
    const pieces = []
    while (!queue.isEmpty) pieces.push(queue.take(ENTRY_BYTES + 4))
    const entries = pieces.flatMap(piece => piece.entries)
    expect(entries.map(entry => entry.endOffset)).toEqual([3, 3, 4])
    expect(entries.map(entry => entry.segmentPosition)).toEqual([30, 34, 38])
    const texts = entries.map(entry =>
      entry.type === 'bytes' ? Buffer.concat(entry.parts).toString() : '',
    )
    expect(texts).toEqual(['abcd', 'efgh', 'ij'])
    expect(pieces.map(piece => piece.dones.length)).toEqual([0, 0, 1])
  })

  it('keeps order over many commits', () => {
    const queue = new CommitQueue()
    for (let index = 0; index < 3_000; index += 1) queue.push([entryAt(index, 'x')], done)
    const seen: number[] = []
    while (!queue.isEmpty) {
      for (const entry of queue.take(7 * (ENTRY_BYTES + 1)).entries) seen.push(entry.baseOffset)
    }
    expect(seen).toEqual(Array.from({ length: 3_000 }, (_, index) => index))
  })

  it('gives up all that waits at once', () => {
    const queue = new CommitQueue()
    queue.push([entryAt(0, 'a'), entryAt(1, 'b')], done)
    queue.push([entryAt(2, 'c')], done)
    expect(queue.takeDones()).toEqual([done, done])
    expect(queue.isEmpty).toBe(true)
    expect(sizeOfParts([Buffer.alloc(3), Buffer.alloc(4)])).toBe(7)
  })

  it('forgets the entries of one log and still answers who waits for them', () => {
    const queue = new CommitQueue()
    queue.push([entryAt(0, 'a'), entryAt(1, 'b')], done)
    queue.push([entryAt(2, 'c'), entryAt(9, 'd')], done)
    queue.forget(entry => entry.baseOffset < 9)
    expect(queue.take(10_000)).toMatchObject({ entries: [{ baseOffset: 9 }], dones: [done, done] })
    expect(queue.isEmpty).toBe(true)
  })
})
