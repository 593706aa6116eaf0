import { decodeGroupRecord } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { ClassicShard } from '../../../../../support/classic-shard.ts'

describe('the end of a round', () => {
  it('writes the group with its members and what each was assigned', () => {
    const shard = new ClassicShard()
    const { memberIds, leaderId, generationId } = shard.stable(2)
    const { key, value } = shard.records.at(-1) ?? { key: null, value: null }
    expect(decodeGroupRecord(key, value)).toMatchObject({
      type: 'GroupMetadata',
      key: { group: 'readers' },
      value: {
        protocolType: 'consumer',
        generation: generationId,
        protocol: 'range',
        leader: leaderId,
        currentStateTimestamp: shard.nowMs,
        members: memberIds.map((memberId, place) => ({
          memberId,
          groupInstanceId: null,
          clientId: 'client',
          clientHost: '/127.0.0.1',
          rebalanceTimeout: 60_000,
          sessionTimeout: 10_000,
          assignment: Buffer.from(`of ${place}`),
        })),
      },
    })
  })

  it('tells the leader when its assignments do not fit into a record, and calls the members together', () => {
    const shard = new ClassicShard({ maxRecordBytes: 5_000 })
    const { memberId } = shard.joinTwice()
    const assignments = { [memberId]: 'x'.repeat(5_000) }
    const told = shard.sync({ memberId, generationId: 1, assignments })
    expect(told.error()).toBe('UNKNOWN_SERVER_ERROR')
    expect(shard.records).toEqual([])
    expect(shard.group()?.state).toBe('PreparingRebalance')
  })
})
