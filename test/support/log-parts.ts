/** The pieces that a log is made of, one at a time and on any disk, for tests of the modules below `PartitionLog`. */
import { BatchBuilder, type BuildOptions, crc32c, nodeCodecs, RecordBatch } from '@varve/protocol'
import type { LoadOptions } from '../../packages/broker/src/log/load-options.ts'
import type { LogIdentity } from '../../packages/broker/src/log/log-state.ts'
import type { LoadTools } from '../../packages/broker/src/log/log-tools.ts'
import { ProducerQuota } from '../../packages/broker/src/log/producer-quota.ts'
import type { ProducerEntry } from '../../packages/broker/src/log/producer-state.ts'
import { ReadBuffers } from '../../packages/broker/src/log/read-buffers.ts'
import { Segment, type SegmentBatch } from '../../packages/broker/src/log/segment.ts'
import { TailCache } from '../../packages/broker/src/log/tail-cache.ts'
import type { World } from '../../packages/broker/src/world.ts'
import { DiskImage } from './disk-image.ts'
import { plainLimits, TOPIC_ID } from './log-harness.ts'
import { ModelDisk } from './model-disk.ts'

export const FOLDER = '/data/events-0'

export const identity: LogIdentity = {
  topic: 'events',
  topicId: TOPIC_ID,
  partition: 0,
  directory: FOLDER,
}

/** A disk with the folder of one partition, and nothing in it. */
export async function diskWithFolder(): Promise<ModelDisk> {
  const disk = new ModelDisk(new DiskImage())
  await disk.makeDirectory(FOLDER)
  for (const parent of ['/', '/data']) await disk.syncDirectory(parent)
  return disk
}

/** What the disk holds after the power went: nothing but what was synced. */
export const afterPowerLoss = (disk: ModelDisk): ModelDisk =>
  new ModelDisk(disk.imageAfter(disk.operations.length, () => 'lost'))

export function loadToolsOf(world: World): LoadTools {
  return {
    world,
    codecs: nodeCodecs(),
    crc32c,
    limits: plainLimits,
    tailCache: new TailCache(plainLimits.tailCacheBytes),
    readBuffers: new ReadBuffers(),
    producerQuota: new ProducerQuota({
      idsMax: 1000,
      expirationMs: 86_400_000,
      sweepIntervalMs: 600_000,
    }),
  }
}

export const loadOptions = (more: Partial<LoadOptions> = {}): LoadOptions => ({
  lastStop: 'unclean',
  recovered: undefined,
  recoveryPoint: 0,
  logStartOffset: 0,
  compactedTo: 0,
  missingFolder: 'make',
  ...more,
})

/** A producer that has one batch in a log. */
export const producerEntry: ProducerEntry = {
  ...{ producerId: 7, producerEpoch: 1, sequencesKnown: 1, lastTimestamp: 5 },
  ...{ coordinatorEpoch: -1, transactionFirstOffset: -1, sweep: 0 },
  batches: [{ firstSequence: 4, lastSequence: 4, baseOffset: 9, lastOffset: 9, timestamp: 5 }],
}

export interface StoredBatch extends BuildOptions {
  readonly values: readonly (string | null)[]
  readonly baseOffset: number
  readonly timestamp?: number
  readonly timestamps?: readonly number[]
  readonly key?: string | null
}

/** A batch as it lies in a segment: with its offset and leader epoch. */
export function storedBatch(of: StoredBatch): Buffer {
  const { values, timestamp = 1_000, timestamps, key = 'key', ...how } = of
  const builder = new BatchBuilder()
  for (const [index, value] of values.entries())
    builder.append({ key, value, timestamp: timestamps?.[index] ?? timestamp })
  return Buffer.from(builder.build({ partitionLeaderEpoch: 0, codecs: nodeCodecs(), ...how }))
}

/** What a segment has to know of a batch. */
export function placeOf(bytes: Uint8Array): SegmentBatch {
  const { baseOffset, lastOffset, sizeBytes, maxTimestamp } = new RecordBatch(bytes)
  return { baseOffset, lastOffset, sizeBytes, maxTimestamp }
}

/** A new segment that holds these batches. */
export function segmentOf(
  disk: ModelDisk,
  batches: readonly Uint8Array[],
  { baseOffset = 0, indexIntervalBytes = 0 } = {},
): Segment {
  const segment = new Segment(disk, FOLDER, {
    baseOffset,
    sizeBytes: 0,
    createdMs: 500,
    isNew: 'yes',
  })
  for (const batch of batches) segment.enter(placeOf(batch), indexIntervalBytes)
  segment.writeNow(batches)
  return segment
}

/** A file under the partition's folder with this content. */
export function writeFile(disk: ModelDisk, name: string, content: Uint8Array | string): void {
  const file = disk.openNow(`${FOLDER}/${name}`, 'truncate')
  file.appendNow([Buffer.from(content)])
}

/** The names of the partition's files. */
export async function namesIn(disk: ModelDisk, folder = FOLDER): Promise<string[]> {
  return ((await disk.list(folder)) ?? []).map(({ name }) => name)
}

/** Batches of one record each, from `baseOffset` on. */
export const singles = (
  baseOffset: number,
  values: readonly string[],
  more: Partial<StoredBatch> = {},
): Buffer[] =>
  values.map((value, index) =>
    storedBatch({ ...more, values: [value], baseOffset: baseOffset + index }),
  )
