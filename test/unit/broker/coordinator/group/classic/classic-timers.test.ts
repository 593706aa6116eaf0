import { describe, expect, it } from 'vitest'
import {
  aliveTimers,
  joinTimer,
  sessionTimer,
  syncTimer,
} from '../../../../../../packages/broker/src/coordinator/group/classic/classic-timers.ts'
import { ClassicShard, SESSION_MS } from '../../../../../support/classic-shard.ts'

describe('timers of a classic group', () => {
  it('have keys that no names of groups and members bring together', () => {
    const keys = [
      sessionTimer('a', 'b/session/c'),
      sessionTimer('a/session/b', 'c'),
      joinTimer('a'),
      joinTimer('a/session'),
      sessionTimer('a', 'join'),
      syncTimer('a'),
    ]
    expect(new Set(keys).size).toBe(keys.length)
  })

  it('are moved for a member that was heard of, unless it waits or is none', () => {
    const shard = new ClassicShard()
    const { memberIds } = shard.stable(2)
    const [one = '', two = ''] = memberIds
    const group = shard.group()
    if (group === undefined) throw new Error('there is no group')
    expect(aliveTimers(group, one, 5)).toMatchObject([{ atMs: 5 + SESSION_MS }])
    expect(aliveTimers(group, 'nobody', 5)).toEqual([])
    shard.join({ memberId: two, topics: ['other'] })
    expect(aliveTimers(group, two, 5)).toEqual([])
  })
})
