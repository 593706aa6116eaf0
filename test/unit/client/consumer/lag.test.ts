import { describe, expect, it } from 'vitest'
import { lagOf } from '../../../../packages/client/src/consumer/lag.ts'
import { ReadPartition } from '../../../../packages/client/src/consumer/read-partition.ts'
import { ProtocolError } from '../../../../packages/client/src/errors.ts'
import { watch } from '../../../support/fake-client.ts'
import { groupConsumer } from '../../../support/group-consumer.ts'

const end = { topic: 't', partition: 0, offset: 9, timestamp: -1, leaderEpoch: 0, error: undefined }

describe('the lag', () => {
  it('counts from the first record that is not handled', () => {
    const partition = new ReadPartition({ topic: 't', partition: 0 }, 7)
    partition.inHand.add(5)
    expect(lagOf([partition], [end])).toEqual([
      { topic: 't', partition: 0, offset: 5, endOffset: 9, lag: 4 },
    ])
  })

  it('leaves out a partition whose position is not known, and throws an error', () => {
    const unknown = new ReadPartition({ topic: 't', partition: 0 }, 'latest')
    expect(lagOf([unknown], [end])).toEqual([])
    const known = new ReadPartition({ topic: 't', partition: 0 }, 0)
    const error = new ProtocolError('TOPIC_AUTHORIZATION_FAILED', 'asking')
    expect(() => lagOf([known], [{ ...end, error }])).toThrow('TOPIC_AUTHORIZATION_FAILED')
  })

  it('is what the consumer says', async () => {
    const { next, write, consumer, clock } = groupConsumer({ partitionsCount: 1 })
    write(['a', 'b', 'c'])
    await next()
    await next()
    const lag = watch(consumer.lag())
    await clock.advance(10)
    expect(lag.value()).toMatchObject([{ offset: 1, endOffset: 3, lag: 2 }])
  })
})
