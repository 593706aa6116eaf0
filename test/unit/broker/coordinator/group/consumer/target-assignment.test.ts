import { describe, expect, it } from 'vitest'
import {
  askHeartbeat,
  beat,
  consumerGroupOf,
  consumerShard,
  hardState,
  heartbeat,
  joining,
  named,
} from '../../../../../support/consumer-shard.ts'
import { imageWith, newTopic } from '../../../../../support/metadata-image.ts'

const image = imageWith(...newTopic('orders', 4))
const isAssignment = (key: string): boolean => key.endsWith('consumer-assignment')

describe('an assignment that takes its time', () => {
  it('keeps who joined waiting, and then answers with it', () => {
    const shard = consumerShard(image)
    shard.holdsResultOf = isAssignment
    const a = askHeartbeat(shard, joining('a', ['orders']))
    const b = askHeartbeat(shard, joining('b', ['orders']))
    expect([a.isAnswered(), b.isAnswered()]).toEqual([false, false])
    shard.releaseResults()
    // The targets of a's epoch are there; b came after they were begun, and is not kept waiting by anybody after it.
    expect(a.response()).toMatchObject({ errorCode: 0, memberEpoch: 1 })
    const c = askHeartbeat(shard, joining('c', ['orders']))
    shard.releaseResults()
    expect(b.response()).toMatchObject({ errorCode: 0, memberEpoch: 2 })
    shard.releaseResults()
    expect(c.response()).toMatchObject({ errorCode: 0, memberEpoch: 3 })
  })

  it('does not hold up the heartbeats of the others', () => {
    const shard = consumerShard(image)
    beat(shard, joining('a', ['orders']))
    shard.holdsResultOf = isAssignment
    askHeartbeat(shard, joining('b', ['orders']))
    expect(beat(shard, heartbeat({ memberId: 'a', memberEpoch: 1 }))).toMatchObject({
      errorCode: 0,
      memberEpoch: 1,
      assignment: null,
    })
  })

  it('tells who waits that it is gone, when it leaves or its session ends meanwhile', () => {
    const shard = consumerShard(image)
    shard.holdsResultOf = isAssignment
    const a = askHeartbeat(shard, joining('a', ['orders']))
    const b = askHeartbeat(shard, joining('b', ['orders']))
    beat(shard, heartbeat({ memberId: 'a', memberEpoch: -1 }))
    expect(a.response().errorCode).toBe(25)
    shard.advance(45_000)
    expect(b.response().errorCode).toBe(25)
    shard.releaseResults()
    expect(consumerGroupOf(shard).targets.size).toBe(0)
    expect(consumerGroupOf(shard).soft.assigning).toBeUndefined()
  })

  it('hands the targets of a static member to the one that took its place meanwhile', () => {
    const shard = consumerShard(image)
    const instanceId = 'i'
    beat(shard, joining('a', ['orders'], { instanceId }))
    shard.holdsResultOf = isAssignment
    const b = askHeartbeat(shard, joining('b', ['orders']))
    beat(shard, heartbeat({ memberId: 'a', memberEpoch: -2, instanceId }))
    const again = askHeartbeat(shard, joining('a2', ['orders'], { instanceId }))
    shard.releaseResults()
    const kept = named(again.response().assignment?.topicPartitions)
    expect(kept).toHaveLength(2)
    expect(b.response().memberEpoch).toBe(2)
    const got = beat(shard, heartbeat({ memberId: 'b', memberEpoch: 2 })).assignment
    expect([...kept, ...named(got?.topicPartitions)].sort()).toEqual([
      ...['orders-0', 'orders-1', 'orders-2', 'orders-3'],
    ])
  })

  it('is computed again after a restart', () => {
    const shard = consumerShard(image)
    shard.holdsResultOf = isAssignment
    askHeartbeat(shard, joining('a', ['orders']))
    shard.restart()
    shard.holdsResultOf = () => false
    shard.releaseResults()
    const answer = beat(shard, joining('a', ['orders']))
    expect(named(answer.assignment?.topicPartitions)).toHaveLength(4)
  })
})

describe('a group of 1,000 members over 10,000 partitions', () => {
  it('is assigned in decisions of bounded size, and answers everybody', () => {
    const topics = Array.from({ length: 10 }, (_, place) => `t${place}x`)
    const shard = consumerShard(imageWith(...topics.flatMap(name => newTopic(name, 1000))))
    let most = 0
    const take = shard.take.bind(shard)
    shard.take = decision => {
      const records = (decision.changes ?? []).filter(({ type }) => type === 'record')
      most = Math.max(most, records.length)
      take(decision)
    }
    shard.holdsResultOf = isAssignment
    const asked = Array.from({ length: 1000 }, (_, place) =>
      askHeartbeat(shard, joining(`member ${place}`, topics)),
    )
    shard.holdsResultOf = () => false
    shard.releaseResults()
    expect(asked.every(one => one.isAnswered())).toBe(true)
    expect(most).toBeLessThanOrEqual(256)
    const targets = [...consumerGroupOf(shard).targets.values()]
    const sizes = targets.map(target => [...target.values()].flat().length)
    expect(sizes).toEqual(Array.from({ length: 1000 }, () => 10))
    expect(hardState(shard.reloaded(shard.records))).toEqual(hardState(shard.state))
  }, 30_000)
})
