/** Logs of one data folder with a flusher and a journal, on any disk, for tests of everything below the handlers. */
import { BatchBuilder, crc32c, nodeCodecs } from '@varve/protocol'
import { Flusher } from '../../packages/broker/src/log/flusher.ts'
import type { JournalFileLimits } from '../../packages/broker/src/log/journal/journal-files.ts'
import { openJournal, removeJournal } from '../../packages/broker/src/log/journal/recover.ts'
import { type LogDirectory, openLogDirectory } from '../../packages/broker/src/log/log-directory.ts'
import type { LogLimits } from '../../packages/broker/src/log/log-limits.ts'
import type { LogSettings } from '../../packages/broker/src/log/log-settings.ts'
import type { MetadataImage, TopicImage } from '../../packages/broker/src/metadata/image.ts'
import { emptyImage } from '../../packages/broker/src/metadata/image.ts'
import { openPartitionDirectory } from '../../packages/broker/src/replication/open-partition-directory.ts'
import type {
  Appended,
  BatchRefusal,
  Partition,
} from '../../packages/broker/src/replication/partition.ts'
import type { PartitionDirectory } from '../../packages/broker/src/replication/partition-directory.ts'
import type { DiskError } from '../../packages/broker/src/world.ts'
import { type QuietWorld, settle } from './journal-world.ts'

export const DATA = '/data'
export const TOPIC_ID = 'AAAAAAAAAAAAAAAAAAAAAw'

/** Kafka's defaults, with segments small enough for a test. */
export const plainSettings: LogSettings = {
  segmentBytes: 1024 * 1024,
  segmentMs: 604_800_000,
  segmentJitterMs: 0,
  segmentIndexBytes: 10 * 1024 * 1024,
  indexIntervalBytes: 4096,
  maxMessageBytes: 1_048_588,
  maxDecompressedBytes: 1024 * 1024,
  timestampType: 'CreateTime',
  timestampBeforeMaxMs: Number.MAX_SAFE_INTEGER,
  timestampAfterMaxMs: 3_600_000,
  compressionType: 'producer',
  compressionGzipLevel: -1,
  compressionLz4Level: 9,
  compressionZstdLevel: 3,
  cleanupPolicy: ['delete'],
  retentionMs: -1,
  retentionBytes: -1,
  fileDeleteDelayMs: 60_000,
  deleteRetentionMs: 86_400_000,
  minCleanableDirtyRatio: 0.5,
  minCompactionLagMs: 0,
  maxCompactionLagMs: Number.MAX_SAFE_INTEGER,
  flushMode: 'durable',
  flushMessages: Number.MAX_SAFE_INTEGER,
  flushMs: Number.MAX_SAFE_INTEGER,
  minInsyncReplicas: 1,
  batchValidation: 'header',
}

export const plainLimits: LogLimits = {
  tailCacheBytes: 1024 * 1024,
  retentionCheckIntervalMs: 300_000,
  producerIdExpirationMs: 86_400_000,
  producerIdExpirationCheckIntervalMs: 600_000,
  producerIdsMax: 1000,
  checkpointIntervalMs: 60_000,
  recoveryMarkBytes: 64 * 1024 * 1024,
  compaction: {
    isEnabled: true,
    backoffMs: 15_000,
    mapBytesMax: 1024 * 1024,
    mapLoadMax: 0.9,
    readBytes: 64 * 1024,
    bytesPerSecondMax: Number.MAX_VALUE,
  },
  journalInlineBytesMax: 65_536,
}

export interface HarnessOptions {
  readonly settings?: Partial<LogSettings>
  /** What a topic has beyond `settings`. */
  readonly settingsOf?: (topic: TopicImage) => Partial<LogSettings>
  readonly journalLimits?: Partial<JournalFileLimits>
  readonly limits?: Partial<LogLimits>
  readonly leaderEpoch?: number
  readonly partitions?: number
  readonly journal?: 'kept' | 'none'
  readonly unsyncedBytes?: number
  /** Larger writes are left to the thread pool. */
  readonly poolWriteBytes?: number
  /** What the metadata says, instead of one topic `events`. */
  readonly image?: MetadataImage
  readonly removedTopicIds?: readonly string[]
}

/** An image with one topic, `events`, all of whose partitions broker 1 leads. */
export function imageOf(options: HarnessOptions): MetadataImage {
  const partitions = Array.from({ length: options.partitions ?? 1 }, () => ({
    leader: 1,
    leaderEpoch: options.leaderEpoch ?? 0,
    replicas: [1],
    isr: [1],
    partitionEpoch: 0,
  }))
  const topic: TopicImage = { topicId: TOPIC_ID, name: 'events', partitions, configs: new Map() }
  return {
    ...emptyImage('cluster'),
    topics: { byId: new Map([[TOPIC_ID, topic]]), byName: new Map([['events', topic]]) },
  }
}

export interface LogHarness {
  readonly directory: PartitionDirectory
  readonly partition: (index?: number) => Partition
  readonly failures: DiskError[]
  readonly logDirectory: LogDirectory
  readonly flusher: Flusher
  /** Ends the turn and lets the disk do what was begun. */
  readonly flush: () => Promise<void>
  readonly close: () => Promise<void>
}

/** Opens the data folder as a broker does. */
export async function openHarness(
  world: QuietWorld,
  options: HarnessOptions = {},
): Promise<LogHarness> {
  const logDirectory = await openLogDirectory({
    world,
    path: DATA,
    nodeId: 1,
    clusterId: 'cluster',
  })
  const limits = {
    firstFileBytes: 64 * 1024,
    fileBytes: 256 * 1024,
    fileCountMax: 4,
    spareBytes: 0,
    ...options.journalLimits,
  }
  const opened = options.journal === 'none' ? undefined : await openJournal(world, DATA, limits)
  const failures: DiskError[] = []
  let flusher: Flusher | undefined
  const directory = await openPartitionDirectory(
    {
      world,
      codecs: nodeCodecs(),
      crc32c,
      logDirectory,
      brokerId: 1,
      limits: { ...plainLimits, ...options.limits },
      settingsOf: topic => ({
        ...plainSettings,
        ...options.settings,
        ...options.settingsOf?.(topic),
      }),
      removedTopicIds: new Set(options.removedTopicIds),
      recovered: opened?.recovered,
      startFlusher: async () => {
        flusher = new Flusher({
          world,
          directory: DATA,
          journal: await opened?.start(),
          limits: {
            unsyncedBytes: options.unsyncedBytes ?? 2 ** 30,
            writeBackBytes: options.unsyncedBytes ?? 2 ** 30,
            unsyncedMs: 2 ** 30,
            syncsAtOnce: 2,
            reserve: undefined,
            ...(options.poolWriteBytes === undefined
              ? {}
              : { poolWriteBytes: options.poolWriteBytes }),
          },
          onFailure: error => void failures.push(error),
        })
        return flusher
      },
    },
    options.image ?? imageOf(options),
  )
  const partition = (index = 0): Partition => {
    const found = directory.get(TOPIC_ID, index)
    if (found === undefined) throw new Error(`there is no partition ${index}`)
    return found
  }
  return {
    directory,
    partition,
    failures,
    logDirectory,
    get flusher() {
      return flusher as Flusher
    },
    flush: async () => {
      world.clock.turn()
      await settle()
      world.clock.turn()
      await settle()
    },
    close: async () => {
      await flusher?.close()
      await directory.close()
      await removeJournal(world, DATA)
      await logDirectory.close('clean')
    },
  }
}

export interface BatchInput {
  readonly values: readonly string[]
  readonly timestamp?: number
  readonly producerId?: number
  readonly producerEpoch?: number
  readonly baseSequence?: number
}

/** One batch as a producer sends it. */
export function batchOf(input: BatchInput): Buffer {
  const builder = new BatchBuilder()
  for (const value of input.values)
    builder.append({ key: 'key', value, timestamp: input.timestamp ?? 1_000 })
  return builder.build({
    producerId: input.producerId ?? -1,
    producerEpoch: input.producerEpoch ?? (input.producerId === undefined ? -1 : 0),
    baseSequence: input.baseSequence ?? (input.producerId === undefined ? -1 : 0),
  })
}

/** Appends and demands that it is accepted. */
export function append(partition: Partition, input: BatchInput): Appended {
  const result = partition.append(batchOf(input), { now: 1_000 })
  if ('error' in result) throw new Error(`${result.error}: ${result.message}`)
  return result
}

/** Appends and says how it was refused. */
export function refusalOf(partition: Partition, bytes: Uint8Array): BatchRefusal {
  const result = partition.append(bytes, { now: 1_000 })
  if (!('error' in result)) throw new Error('the batch was accepted')
  return result
}
