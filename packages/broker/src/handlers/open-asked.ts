/** Many logs that nobody has asked for since the start are not opened in one go: the event loop would be held for all of them (ADR 13). */
import type { BrokerParts } from './broker-parts.ts'
import { type Addressing, topicOf } from './topic-address.ts'

/** A partition as a request names it. */
export interface AskedPartition {
  readonly topic: string
  readonly partition: number
}

/** Resolves when those are open that can be; undefined when none was closed, which costs nothing. For requests whose order does not matter. */
export function openAsked(
  broker: BrokerParts,
  addressing: Addressing,
  asked: Iterable<AskedPartition>,
): Promise<void> | undefined {
  return broker.partitions.openAsked(identitiesOf(broker, addressing, asked))
}

function* identitiesOf(
  broker: BrokerParts,
  addressing: Addressing,
  asked: Iterable<AskedPartition>,
): Generator<{ topicId: string; partition: number }, void, void> {
  for (const { topic, partition } of asked) {
    const topicId = topicOf(broker, addressing, topic)?.topicId
    if (topicId !== undefined) yield { topicId, partition }
  }
}
