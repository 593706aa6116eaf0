/** A topic made for one load, and gone without trace after it. */
import { readdirSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { errorName, ListOffsets } from '@varve/protocol'
import { syncFolder } from '../accounting.ts'
import { ask } from '../ask.ts'
import { createTopic, deleteTopic } from '../topics.ts'
import type { Generator } from '../workers.ts'
import type { Side } from './kafka-sides.ts'

const LIST_OFFSETS_VERSION = 7
const LATEST = -1
const PATIENCE_MS = 30_000

export interface TurnTopic {
  readonly name: string
  readonly partitions: number
}

/** Creates the topic and resolves when its partitions answer: Kafka's do so some time after they were created. */
export async function openTopic(side: Side, { name, partitions }: TurnTopic): Promise<void> {
  await createTopic(side.port, name, partitions)
  const deadline = performance.now() + PATIENCE_MS
  for (;;) {
    const ends = await partitionEnds(side.port, name, partitions)
    const wrong = ends.find(({ errorCode }) => errorCode !== 0)
    if (wrong === undefined) return
    if (performance.now() > deadline) {
      throw new Error(`${side.name} does not open ${name}: ${errorName(wrong.errorCode)}`)
    }
    await delay(20)
  }
}

/** Deletes the topic, waits until its files are gone, and has the file system write what is left. */
export async function removeTopic(side: Side, { name }: TurnTopic): Promise<void> {
  await deleteTopic(side.port, name)
  const deadline = performance.now() + PATIENCE_MS
  while (readdirSync(side.dataFolder).some(entry => entry.startsWith(`${name}-`))) {
    if (performance.now() > deadline) throw new Error(`${side.name} keeps the files of ${name}`)
    await delay(20)
  }
  syncFolder(side.dataFolder)
}

/** Where each partition ends, as the broker says it. */
export async function partitionEnds(
  port: number,
  topic: string,
  partitions: number,
): Promise<readonly { readonly errorCode: number; readonly offset: number }[]> {
  const asked = Array.from({ length: partitions }, (_, partitionIndex) => ({
    partitionIndex,
    timestamp: LATEST,
  }))
  const request = {
    replicaId: -1,
    isolationLevel: 0,
    topics: [{ name: topic, partitions: asked }],
  }
  const { topics } = await ask({ port, api: ListOffsets, version: LIST_OFFSETS_VERSION, request })
  return topics[0]?.partitions ?? []
}

export interface Acknowledged {
  readonly generator: Generator
  /** Records by partition. */
  readonly acknowledged: readonly number[]
}

/** Reads a topic from the beginning and counts its records; throws when there are not as many as were acknowledged. */
export async function readBack(
  side: Side,
  { name, partitions }: TurnTopic,
  { generator, acknowledged }: Acknowledged,
): Promise<void> {
  const read = await generator.run({
    ...{ type: 'consume', port: side.port, topic: name, connections: 1, until: 'end' },
    ...{ partitions: Array.from({ length: partitions }, (_, partition) => partition) },
    ...{ maxBytes: 2 ** 20, minBytes: 0, maxWaitMs: 0 },
  })
  const records = acknowledged.reduce((sum, count) => sum + count, 0)
  const differs = acknowledged.some((count, partition) => read.positions?.[partition] !== count)
  if (differs || read.records !== records) {
    throw new Error(
      `${side.name} acknowledged ${records} records of ${name}, and gave ${read.records} of them back`,
    )
  }
}
