import { expect, it } from 'vitest'
import { logIdentitiesOf } from '../../../../packages/broker/src/replication/log-identities.ts'
import { imageWith, newTopic, topicIdOf } from '../../../support/metadata-image.ts'

it('every partition has its folder in the data folder', () => {
  const identities = logIdentitiesOf(imageWith(...newTopic('a', 2)), '/data')
  expect(identities).toEqual(
    [0, 1].map(partition => ({
      ...{ topic: 'a', topicId: topicIdOf('a'), partition },
      directory: `/data/a-${partition}`,
    })),
  )
})
