import { Reader, WireError, Writer } from '@varve/protocol'
import type { TopicPartition } from '../../consumer/topic-partition.ts'
import type { Claims } from './claims.ts'

const NOTHING: Claims = { owned: [], generationId: -1 }

/**
 * What a member with the `sticky` assignor adds to its subscription, because its protocol gives everything up before a
 * rebalance: an array of topics with their partitions, then (since Kafka 2.3) the generation as an int32.
 */
export function encodeStickyUserData({ owned, generationId }: Claims): Uint8Array {
  const topics = new Map<string, number[]>()
  for (const { topic, partition } of owned)
    topics.set(topic, [...(topics.get(topic) ?? []), partition])
  const writer = new Writer()
  writer.int32(topics.size)
  for (const [topic, partitions] of topics) {
    writer.string(topic)
    writer.int32(partitions.length)
    for (const partition of partitions) writer.int32(partition)
  }
  writer.int32(generationId)
  return Buffer.concat(writer.finish())
}

/** Reads it. A member whose data cannot be read owned nothing, as far as anyone can tell. */
export function decodeStickyUserData(bytes: Uint8Array | null): Claims {
  if (bytes === null || bytes.length === 0) return NOTHING
  try {
    const reader = new Reader(bytes)
    const owned: TopicPartition[] = []
    for (let topics = reader.int32(); topics > 0; topics -= 1) {
      const topic = reader.string()
      for (let partitions = reader.int32(); partitions > 0; partitions -= 1)
        owned.push({ topic, partition: reader.int32() })
    }
    return { owned, generationId: reader.remaining >= 4 ? reader.int32() : -1 }
  } catch (error) {
    if (error instanceof WireError) return NOTHING
    throw error
  }
}

/** The same for `cooperative-sticky`, where the subscription itself says what is owned: only the generation. */
export function encodeGeneration(generationId: number): Uint8Array {
  const writer = new Writer(4)
  writer.int32(generationId)
  return Buffer.concat(writer.finish())
}

/** The generation; -1 when it does not say. */
export function decodeGeneration(bytes: Uint8Array | null): number {
  return bytes === null || bytes.length < 4 ? -1 : new Reader(bytes).int32()
}
