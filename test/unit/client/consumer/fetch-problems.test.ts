import { describe, expect, it } from 'vitest'
import {
  noWholeBatch,
  stuckError,
} from '../../../../packages/client/src/consumer/fetch-problems.ts'
import { ReadPartition } from '../../../../packages/client/src/consumer/read-partition.ts'

const partition = new ReadPartition({ topic: 't', partition: 0 }, 5)

describe('fetch problems', () => {
  it('name the partition and the place', () => {
    const stuck = stuckError(partition, { highWatermark: 9 } as never)
    expect(stuck).toMatchObject({ code: 'OFFSET_NOT_AVAILABLE', retriable: true })
    expect(stuck.message).toContain('reading t-0 at 5')
    expect(noWholeBatch(partition, Buffer.alloc(7)).message).toContain(
      "answer's 7 bytes hold no whole batch",
    )
  })
})
