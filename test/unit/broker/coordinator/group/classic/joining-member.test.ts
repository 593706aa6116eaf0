import { describe, expect, it } from 'vitest'
import {
  freshMemberId,
  memberOf,
} from '../../../../../../packages/broker/src/coordinator/group/classic/joining-member.ts'

const asked = (words: object = {}, clientId = 'client') => ({
  request: {
    groupId: 'readers',
    sessionTimeoutMs: 10_000,
    rebalanceTimeoutMs: -1,
    memberId: '',
    groupInstanceId: null,
    protocolType: 'consumer',
    protocols: [
      { name: 'range', metadata: Buffer.from('first') },
      { name: 'range', metadata: Buffer.from('second') },
    ],
    reason: null,
    ...words,
  },
  apiVersion: 0,
  clientId,
  clientHost: '/127.0.0.1',
  freshId: 'fresh',
  ticket: { number: 1 },
})

describe('a member as its request describes it', () => {
  it('has one timeout for both when it says one', () => {
    expect(memberOf(asked(), 'm').rebalanceTimeoutMs).toBe(10_000)
    expect(memberOf(asked({ rebalanceTimeoutMs: 60_000 }), 'm').rebalanceTimeoutMs).toBe(60_000)
  })

  it('offers each protocol once', () => {
    expect(memberOf(asked(), 'm').protocols).toEqual([
      { name: 'range', metadata: Buffer.from('first') },
    ])
  })

  it('is named after its instance, or the beginning of its client id', () => {
    expect(freshMemberId(asked())).toBe('client-fresh')
    expect(freshMemberId(asked({ groupInstanceId: 'one' }))).toBe('one-fresh')
    expect(freshMemberId(asked({}, 'x'.repeat(30_000)))).toBe(`${'x'.repeat(200)}-fresh`)
  })
})
