import { expect, it } from 'vitest'
import { isInternalTopic } from '../../../../packages/broker/src/config/internal-topics.ts'

it('knows the topics of the broker', () => {
  expect(
    ['__consumer_offsets', '__transaction_state', '__share_group_state', '__mine'].map(
      isInternalTopic,
    ),
  ).toEqual([true, true, true, false])
})
