import { describe, expect, it } from 'vitest'
import { FetchBudget } from '../../../../../../packages/broker/src/coordinator/group/offsets/fetch-budget.ts'
import {
  type FetchedGroup,
  fetchOffsets,
} from '../../../../../../packages/broker/src/coordinator/group/offsets/fetch-offsets.ts'
import { GROUP } from '../../../../../support/classic-shard.ts'
import { GroupShard } from '../../../../../support/group-shard.ts'

describe('FetchBudget', () => {
  it('holds a million committed offsets', () => {
    const budget = new FetchBudget()
    for (let count = 0; count < 1_000_000; count++) budget.spendPartition('m')
    expect(budget.isSpent).toBe(false)
  })

  it('is spent by an offset with much to say that is asked for again and again', () => {
    const shard = new GroupShard()
    shard.commit({ 'orders-0': 1 }, { metadata: '\u00e9'.repeat(4_096) })
    const budget = new FetchBudget()
    const partitionIndexes = Array.from({ length: 5_000 }, () => 0)
    const topics = [{ name: 'orders', topicId: 'AAAAAAAAAAAAAAAAAAAAAA', partitionIndexes }]
    const who = { memberId: null, memberEpoch: -1, requireStable: false }
    const request = { groupId: GROUP, ...who, topics, budget }
    const fetch = () =>
      shard
        .ask<FetchedGroup>((state, ticket, moment) => {
          const caller = { apiVersion: 9, clientId: '', clientHost: '', freshId: '' }
          return fetchOffsets(state, { ...caller, request, ticket }, moment)
        })
        .response()
    expect(fetch().errorCode).toBe(0)
    expect(fetch()).toEqual({ groupId: GROUP, topics: [], errorCode: 42 })
  })
})
