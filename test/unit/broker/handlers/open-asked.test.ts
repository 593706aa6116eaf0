import { expect, it } from 'vitest'
import type { BrokerParts } from '../../../../packages/broker/src/handlers/broker-parts.ts'
import { openAsked } from '../../../../packages/broker/src/handlers/open-asked.ts'
import { imageWith, newTopic, topicIdOf } from '../../../support/metadata-image.ts'

/** A broker that says what it is asked to open. */
function given() {
  const asked: unknown[] = []
  const opening = Promise.resolve()
  const broker = {
    metadata: { image: imageWith(...newTopic('orders', 2)) },
    partitions: {
      openAsked: (identities: Iterable<unknown>) => {
        asked.push(...identities)
        return asked.length > 0 ? opening : undefined
      },
    },
  } as unknown as BrokerParts
  return { broker, asked, opening }
}

it('asks for partitions by the ids of their topics, however the request names them', () => {
  const { broker, asked, opening } = given()
  const topicId = topicIdOf('orders')
  expect(openAsked(broker, 'names', [{ topic: 'orders', partition: 1 }])).toBe(opening)
  expect(openAsked(broker, 'ids', [{ topic: topicId, partition: 0 }])).toBe(opening)
  expect(asked).toEqual([
    { topicId, partition: 1 },
    { topicId, partition: 0 },
  ])
})

it('leaves topics out that are not there', () => {
  const { broker, asked } = given()
  expect(openAsked(broker, 'names', [{ topic: 'payments', partition: 0 }])).toBeUndefined()
  expect(asked).toEqual([])
})
