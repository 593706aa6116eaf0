import { errorName } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { consumerGroupDescribe } from '../../../../packages/broker/src/handlers/consumer-group-describe.ts'
import type { RequestContext } from '../../../../packages/broker/src/handlers/handler.ts'
import { beat, consumerShard, GROUP, joining } from '../../../support/consumer-shard.ts'
import { memoryBroker } from '../../../support/memory-broker.ts'
import { imageWith, newTopic } from '../../../support/metadata-image.ts'
import { pureGroups } from '../../../support/pure-groups.ts'

async function tell(groupIds: string[], authorize: RequestContext['authorize']) {
  const shard = consumerShard(imageWith(...newTopic('orders', 2)))
  beat(shard, joining('a', ['orders']))
  const { broker, ask } = await memoryBroker({ topics: {}, authorize })
  const { image } = broker.metadata
  const metadata = { image: { ...image, features: new Map([['group.version', 1]]) } }
  Object.assign(broker, { groups: pureGroups(shard), metadata })
  const request = { groupIds, includeAuthorizedOperations: false }
  const { groups } = await ask(consumerGroupDescribe, 1, request).answered
  return groups.map(({ groupId, errorCode, members }) => [
    groupId,
    errorName(errorCode),
    members.map(({ memberId }) => memberId),
  ])
}

describe('ConsumerGroupDescribe', () => {
  it('answers once for each group, in the order of the request', async () => {
    expect(await tell([GROUP, 'nobody', GROUP], () => true)).toEqual([
      [GROUP, 'NONE', ['a']],
      ['nobody', 'GROUP_ID_NOT_FOUND', []],
    ])
  })

  it('tells nothing of the members to whom may not describe their topics', async () => {
    expect(await tell([GROUP], (_operation, type) => type === 'Group')).toEqual([
      [GROUP, 'TOPIC_AUTHORIZATION_FAILED', []],
    ])
  })
})
