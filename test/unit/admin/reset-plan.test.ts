import { describe, expect, it } from 'vitest'
import { type ResetWish, resetPlan } from '../../../packages/admin/src/reset-plan.ts'
import type { ResetTarget } from '../../../packages/admin/src/reset-target.ts'
import { topicScope } from '../../../packages/admin/src/topic-scope.ts'
import { FIRST_RECORD_AT, type GroupStage, groupStage } from '../../support/group-stage.ts'

const orders = [topicScope('orders')]

/** The new offsets by partition, and the warnings. */
async function planned(stage: GroupStage, target: ResetTarget, rest: Partial<ResetWish> = {}) {
  const warnings: string[] = []
  const wish = { groupIds: ['billing'], scope: orders, target, ...rest }
  const plan = await resetPlan(stage.admin, wish, warning => void warnings.push(warning))
  return { plan, offsets: plan.map(({ newOffset }) => newOffset), warnings }
}

describe('resetPlan', () => {
  it('knows the ends, what is committed, and where nothing is', async () => {
    await using stage = await groupStage()
    await stage.commit('billing', [7, 0])
    const { plan, warnings } = await planned(stage, { to: 'earliest' })
    expect(plan).toEqual([
      { ...at(0), currentOffset: 7, newOffset: 0, endOffset: 10 },
      { ...at(1), currentOffset: 0, newOffset: 0, endOffset: 0 },
      { ...at(2), currentOffset: null, newOffset: 5, endOffset: 10 },
    ])
    expect(warnings).toEqual([])
    expect((await planned(stage, { to: 'latest' })).offsets).toEqual([10, 0, 10])
    expect((await planned(stage, { to: 'current' })).offsets).toEqual([7, 0, 10])
  })

  it('moves offsets that are not in the log to its ends, and says so', async () => {
    await using stage = await groupStage()
    await stage.commit('billing', [7, 0, 3])
    const low = await planned(stage, { to: 'offset', offset: 2 })
    expect(low.offsets).toEqual([2, 0, 5])
    expect(low.warnings).toEqual([
      '2 is beyond the end of orders-1; its end, 0, is taken',
      '2 is before the beginning of orders-2; its first offset, 5, is taken',
    ])
    expect((await planned(stage, { to: 'shift', by: -100 })).offsets).toEqual([0, 0, 5])
    expect((await planned(stage, { to: 'shift', by: 2 })).offsets).toEqual([9, 0, 5])
    // What is committed stays as it is, in the log or not, as with Kafka's tool.
    expect((await planned(stage, { to: 'current' })).offsets).toEqual([7, 0, 3])
  })

  it('refuses to shift where nothing is committed', async () => {
    await using stage = await groupStage()
    await stage.commit('billing', [7])
    await expect(planned(stage, { to: 'shift', by: 1 })).rejects.toThrow(
      /^Group billing has committed nothing of orders-1/,
    )
    const own = await planned(stage, { to: 'shift', by: 1 }, { scope: 'committed' })
    expect(own.offsets).toEqual([8])
  })

  it('finds the first record at or after a time, and takes the end where none is', async () => {
    await using stage = await groupStage()
    const to = (timestamp: number) => planned(stage, { to: 'time', timestamp })
    expect((await to(FIRST_RECORD_AT)).offsets).toEqual([0, 0, 5])
    expect((await to(FIRST_RECORD_AT + 6 * 60_000)).offsets).toEqual([6, 0, 6])
    expect((await to(FIRST_RECORD_AT + 6 * 60_000 + 1)).offsets).toEqual([7, 0, 7])
    const late = await to(FIRST_RECORD_AT + 3_600_000)
    expect(late.offsets).toEqual([10, 0, 10])
    expect(late.warnings).toHaveLength(3)
  })

  it('follows a file, for one group or for several', async () => {
    await using stage = await groupStage()
    const row = (partition: number, offset: number, groupId?: string) => ({
      groupId,
      topic: 'orders',
      partition,
      offset,
    })
    const target = (rows: ReturnType<typeof row>[]) => ({ to: 'rows', name: 'f', rows }) as const
    const scope = 'of the target' as const
    const one = await planned(stage, target([row(2, 1), row(0, 4)]), { scope })
    expect(one.plan.map(({ partition, newOffset }) => [partition, newOffset])).toEqual([
      [0, 4],
      [2, 5],
    ])
    const several = await planned(stage, target([row(0, 1, 'billing'), row(0, 2, 'b')]), {
      scope,
      groupIds: ['b', 'billing'],
    })
    expect(several.plan.map(({ groupId, newOffset }) => [groupId, newOffset])).toEqual([
      ['b', 2],
      ['billing', 1],
    ])
    await expect(planned(stage, target([row(9, 0)]), { scope })).rejects.toThrow(
      'There is no partition orders-9',
    )
  })

  it('takes over what another group has committed', async () => {
    await using stage = await groupStage()
    await stage.commit('other', [4, 0])
    const target = { to: 'group', groupId: 'other' } as const
    const all = await planned(stage, target, { scope: 'of the target' })
    expect(all.offsets).toEqual([4, 0])
    const named = await planned(stage, target)
    expect(named.offsets).toEqual([4, 0])
    expect(named.warnings).toEqual([
      'Group other has committed nothing of orders-2; it stays as it is',
    ])
    await expect(planned(stage, { to: 'group', groupId: 'nobody' })).rejects.toThrow(
      'Group nobody has committed nothing',
    )
  })

  it('is asked for groups that do not exist, and for topics that do not', async () => {
    await using stage = await groupStage()
    expect((await planned(stage, { to: 'earliest' })).offsets).toEqual([0, 0, 5])
    expect((await planned(stage, { to: 'earliest' }, { scope: 'committed' })).plan).toEqual([])
    const scope = [topicScope('gone')]
    await expect(planned(stage, { to: 'earliest' }, { scope })).rejects.toThrow('gone')
  })
})

const at = (partition: number) => ({ groupId: 'billing', topic: 'orders', partition })
