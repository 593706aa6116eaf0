import { describe, expect, it } from 'vitest'
import type { TopicPartition } from '../../../../packages/client/src/consumer/topic-partition.ts'
import { AddedPartitions } from '../../../../packages/client/src/transaction/added-partitions.ts'
import { FakeClock } from '../../../support/fake-platform.ts'

function adding() {
  const asked: string[][] = []
  const answers: { resolve: () => void; reject: (error: Error) => void }[] = []
  const failures: unknown[] = []
  let wakes = 0
  const added = new AddedPartitions({
    add: (partitions: readonly TopicPartition[]) => {
      asked.push(partitions.map(({ topic, partition }) => `${topic}-${partition}`))
      return new Promise((resolve, reject) => {
        answers.push({ resolve, reject })
      })
    },
    onAdded: () => {
      wakes += 1
    },
    onFailure: error => failures.push(error),
  })
  const has = (partition: number) => added.has({ topic: 't', partition })
  return { added, asked, answers, failures, has, wakes: () => wakes, clock: new FakeClock() }
}

describe('AddedPartitions', () => {
  it('are asked for once, those of one turn together, those that come meanwhile after them', async () => {
    const { asked, answers, has, wakes, clock } = adding()
    expect([has(0), has(1), has(0)]).toEqual([false, false, false])
    await clock.settle()
    expect([has(0), has(2)]).toEqual([false, false])
    expect(asked).toEqual([['t-0', 't-1']])
    answers[0]?.resolve()
    await clock.settle()
    expect([has(0), has(1), has(2)]).toEqual([true, true, false])
    expect(asked).toEqual([['t-0', 't-1'], ['t-2']])
    answers[1]?.resolve()
    await clock.settle()
    expect([has(2), wakes()]).toEqual([true, 2])
  })

  it('say when they could not be added, and are settled then', async () => {
    const { added, answers, failures, has, clock } = adding()
    has(0)
    await clock.settle()
    const settled = added.settled()
    answers[0]?.reject(new Error('refused'))
    await settled
    expect(failures).toMatchObject([{ message: 'refused' }])
    expect(has(0)).toBe(false)
  })
})
