import { describe, expect, it } from 'vitest'
import {
  isStuck,
  noWholeBatch,
  stuckError,
} from '../../../../packages/client/src/consumer/fetch-problems.ts'
import { ReadPartition } from '../../../../packages/client/src/consumer/read-partition.ts'

const partition = new ReadPartition({ topic: 't', partition: 0 }, 5)

const answer = (more: object) =>
  ({
    errorCode: 0,
    preferredReadReplica: -1,
    highWatermark: 9,
    lastStableOffset: 5,
    ...more,
  }) as never

describe('fetch problems', () => {
  it('are seen where a broker says that there is something and sends nothing', () => {
    const isolated = (isolationLevel: 'read_committed' | 'read_uncommitted', more = {}) =>
      isStuck(partition, answer(more), { isolationLevel })
    expect(isolated('read_uncommitted')).toBe(true)
    expect(isolated('read_committed')).toBe(false)
    expect(isolated('read_uncommitted', { errorCode: 1 })).toBe(false)
    expect(isolated('read_uncommitted', { preferredReadReplica: 2 })).toBe(false)
    expect(isolated('read_uncommitted', { highWatermark: 5 })).toBe(false)
  })

  it('name the partition and the place', () => {
    const stuck = stuckError(partition, { highWatermark: 9 } as never)
    expect(stuck).toMatchObject({ code: 'OFFSET_NOT_AVAILABLE', retriable: true })
    expect(stuck.message).toContain('reading t-0 at 5')
    expect(noWholeBatch(partition, Buffer.alloc(7)).message).toContain(
      "answer's 7 bytes hold no whole batch",
    )
  })
})
