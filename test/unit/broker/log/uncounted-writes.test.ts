import { expect, it } from 'vitest'
import type { PendingBatch } from '../../../../packages/broker/src/log/pending-write.ts'
import { UncountedWrites } from '../../../../packages/broker/src/log/uncounted-writes.ts'

it('counts whole turns, and lets go of the blocks of their batches, each once', () => {
  const letGo: string[] = []
  const batch = (name: string): PendingBatch =>
    ({ block: { letGo: () => letGo.push(name) } }) as unknown as PendingBatch
  const writes = new UncountedWrites()
  writes.add([batch('a'), batch('b')], 2, 100)
  writes.add([batch('c')], 3, 50)
  expect([writes.countUpTo(1), letGo]).toEqual([0, []])
  expect([writes.countUpTo(2), letGo]).toEqual([100, ['a', 'b']])
  writes.add([batch('d')], 4, 7)
  expect([writes.countUpTo(9), letGo]).toEqual([57, ['a', 'b', 'c', 'd']])
  expect(writes.countUpTo(9)).toBe(0)
})
