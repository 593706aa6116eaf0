import { describe, expect, it } from 'vitest'
import { ClassicShard, REBALANCE_MS } from '../../../../../support/classic-shard.ts'

describe('the protocol of a classic group', () => {
  it('takes the protocol with most votes among those that all offer', () => {
    const shard = new ClassicShard({ initialRebalanceDelayMs: 3_000 })
    const joins = [
      shard.joinTwice({ protocols: ['range', 'sticky', 'mine'] }),
      shard.joinTwice({ protocols: ['sticky', 'range'] }),
      shard.joinTwice({ protocols: ['sticky', 'range'] }),
    ]
    shard.advance(REBALANCE_MS)
    expect(joins.map(join => join.response().protocolName)).toEqual(Array(3).fill('sticky'))
  })
})
