import { describe, expect, it } from 'vitest'
import {
  deliver,
  failDelivery,
  GroupDelivery,
} from '../../../../packages/client/src/producer/delivery.ts'
import type { SendBatchError, SentRange } from '../../../../packages/client/src/producer/record.ts'

const batch = (partition: number, baseOffset: number) => ({
  topic: 't',
  partition,
  baseOffset,
  logAppendTimeMs: -1,
})
const place = (index: number, tag: number) => ({ index, tag, timestamp: 5 })

function group(recordsCount: number) {
  const outcomes: unknown[] = []
  const add = (outcome: unknown) => {
    outcomes.push(outcome)
  }
  return { outcomes, delivery: new GroupDelivery(recordsCount, add, add) }
}

describe('GroupDelivery', () => {
  it('joins what was written together into ranges', () => {
    const { outcomes, delivery } = group(4)
    const first = batch(0, 10)
    deliver(delivery, first, place(0, 0))
    deliver(delivery, first, place(1, 1))
    deliver(delivery, batch(1, 5), place(3, 2))
    expect(outcomes).toEqual([])
    deliver(delivery, first, place(3, 3))
    const ranges = outcomes[0] as SentRange[]
    expect(
      ranges.map(({ partition, baseOffset, recordsCount }) => [
        partition,
        baseOffset,
        recordsCount,
      ]),
    ).toEqual([
      [0, 10, 2],
      [1, 8, 1],
      [0, 13, 1],
    ])
  })

  it('says which records failed once all are settled', () => {
    const { outcomes, delivery } = group(2)
    failDelivery(delivery, new Error('no'), 1)
    deliver(delivery, batch(0, -1), place(0, 0))
    const error = outcomes[0] as SendBatchError
    expect(error.code).toBe('SEND_INCOMPLETE')
    expect(error.failed).toEqual([{ index: 1, error: new Error('no') }])
    expect(error.sent).toEqual([{ topic: 't', partition: 0, baseOffset: -1, recordsCount: 1 }])
  })
})
