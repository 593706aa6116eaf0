/** Decides whether a broker is forgotten. */
import type { Amendment } from './amend.ts'
import type { MetadataImage } from './image.ts'
import type { Refusal } from './new-partitions.ts'

export type Unregistered = { readonly error: 'NONE' } | Refusal

/** `running`: the broker that decides, which cannot be forgotten while it runs. */
export function unregisterBroker(
  image: MetadataImage,
  brokerId: number,
  running: number,
): Amendment<Unregistered> {
  const broker = image.brokers.get(brokerId)
  if (broker === undefined) {
    return refused('BROKER_ID_NOT_REGISTERED', `There is no broker ${brokerId}.`)
  }
  if (brokerId === running) {
    return refused(
      'INVALID_REQUEST',
      `The broker ${brokerId} is running, and answers this request.`,
    )
  }
  for (const topic of image.topics.byId.values()) {
    if (topic.partitions.some(({ replicas }) => replicas.includes(brokerId))) {
      return refused(
        'INVALID_REQUEST',
        `The broker ${brokerId} has replicas of the topic ${topic.name}; it cannot be forgotten.`,
      )
    }
  }
  const { brokerEpoch } = broker
  return {
    outcome: { error: 'NONE' },
    changes: [{ type: 'UnregisterBrokerRecord', brokerId, brokerEpoch }],
  }
}

function refused(error: Refusal['error'], message: string): Amendment<Unregistered> {
  return { outcome: { error, message }, changes: [] }
}
