/** That everything which was acknowledged is there: by what the broker says of its ends, and by reading all of it. */
import { errorName, ListOffsets } from '@varve/protocol'
import { ask } from './ask.ts'
import type { Generator } from './workers.ts'

const LIST_OFFSETS_VERSION = 7
const READ_BYTES = 4 * 2 ** 20

export interface Acknowledged {
  readonly generator: Generator
  readonly port: number
  readonly topic: string
  /** Acknowledged records by partition, of a topic that was new. */
  readonly positions: readonly number[]
}

/** Throws when a record is missing, comes twice, or is there without having been acknowledged. Gives how many were read. */
export async function countBack(acknowledged: Acknowledged): Promise<number> {
  const { generator, port, topic, positions } = acknowledged
  const starts = await listOffsets(port, topic, positions.length, 'earliest')
  const ends = await listOffsets(port, topic, positions.length, 'latest')
  for (const [partition, expected] of positions.entries()) {
    const held = (ends[partition] ?? 0) - (starts[partition] ?? 0)
    if (held !== expected)
      throw new Error(`${topic}-${partition} holds ${held} of ${expected} acknowledged records`)
  }
  const { records = 0 } = await generator.run({
    ...{ type: 'consume', port, topic, connections: Math.min(4, positions.length) },
    ...{ partitions: [...positions.keys()], until: 'end' },
    ...{ maxBytes: READ_BYTES, minBytes: 0, maxWaitMs: 0 },
  })
  const expected = positions.reduce((sum, count) => sum + count, 0)
  if (records !== expected)
    throw new Error(`${topic} gives ${records} of ${expected} acknowledged records back`)
  return records
}

/** By partition. */
export async function listOffsets(
  port: number,
  topic: string,
  partitions: number,
  end: 'earliest' | 'latest',
): Promise<number[]> {
  const timestamp = end === 'earliest' ? -2 : -1
  const asked = Array.from({ length: partitions }, (_, partitionIndex) => ({
    partitionIndex,
    timestamp,
  }))
  const request = { replicaId: -1, isolationLevel: 0, topics: [{ name: topic, partitions: asked }] }
  const answer = await ask({ port, api: ListOffsets, version: LIST_OFFSETS_VERSION, request })
  const offsets = Array.from({ length: partitions }, () => 0)
  // Not every broker answers in the order in which it was asked.
  for (const { partitionIndex, errorCode, offset } of answer.topics[0]?.partitions ?? []) {
    if (errorCode !== 0) throw new Error(`${topic}-${partitionIndex}: ${errorName(errorCode)}`)
    offsets[partitionIndex] = offset
  }
  return offsets
}
