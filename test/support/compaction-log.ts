/** Logs with transactions and producers for tests of compaction: written as files, opened as a broker does, cleaned, and read back. */
import {
  BatchBuilder,
  batchesOf,
  buildTransactionMarker,
  type CompressionType,
  controlRecordsOf,
  crc32c,
  nodeCodecs,
  recordsOf,
} from '@varve/protocol'
import type { LogSettings } from '../../packages/broker/src/log/log-settings.ts'
import { segmentFileName } from '../../packages/broker/src/log/segment-files.ts'
import { type QuietWorld, quietWorld, settle } from './journal-world.ts'
import { type HarnessOptions, openHarness } from './log-harness.ts'
import { FOLDER } from './log-parts.ts'
import type { ModelDisk } from './model-disk.ts'

export interface TestRecord {
  readonly key: string | null
  readonly value: string | null
  readonly timestamp: number
}

/** What one batch of a test log is. Offsets follow from the order. */
export type TestBatch =
  | {
      readonly type: 'records'
      readonly records: readonly TestRecord[]
      readonly compression?: CompressionType
      readonly producerId?: number
      readonly baseSequence?: number
      readonly isTransactional?: boolean
    }
  | {
      readonly type: 'COMMIT' | 'ABORT'
      readonly producerId: number
      readonly timestamp: number
    }

/** The bytes of a batch at an offset. */
export function bytesOf(batch: TestBatch, baseOffset: number): Buffer {
  if (batch.type !== 'records') {
    const { type, producerId, timestamp } = batch
    const marker = { type, producerId, producerEpoch: 0, coordinatorEpoch: 3, timestamp }
    return buildTransactionMarker(marker, { baseOffset, partitionLeaderEpoch: 0, crc32c })
  }
  const builder = new BatchBuilder()
  for (const record of batch.records)
    builder.append({ ...record, headers: [{ key: 'h', value: record.key }] })
  return Buffer.from(
    builder.build({
      baseOffset,
      partitionLeaderEpoch: 0,
      codecs: nodeCodecs(),
      compression: batch.compression ?? 'none',
      producerId: batch.producerId ?? -1,
      producerEpoch: batch.producerId === undefined ? -1 : 0,
      baseSequence: batch.baseSequence ?? -1,
      isTransactional: batch.isTransactional ?? false,
      crc32c,
    }),
  )
}

/** Writes segments behind what the folder holds; returns where the log ends then. */
export async function addSegments(
  disk: ModelDisk,
  segments: readonly (readonly TestBatch[])[],
  from: number,
): Promise<number> {
  let offset = from
  for (const batches of segments) {
    const base = offset
    const bytes = batches.map(batch => {
      const made = bytesOf(batch, offset)
      offset += batch.type === 'records' ? batch.records.length : 1
      return made
    })
    if (bytes.length === 0) continue
    const file = await disk.open(`${FOLDER}/${segmentFileName(base, 'log')}`, 'truncate')
    file.appendNow(bytes)
    await file.sync()
    await file.close()
  }
  await disk.syncDirectory(FOLDER)
  return offset
}

/** The folder of the partition with nothing in it but what says whose it is, on a disk that looks like after a crash. */
export async function emptyLog(disk: ModelDisk, options: HarnessOptions = {}): Promise<void> {
  const broker = await openHarness(quietWorld(disk), options)
  await broker.close()
  await unclean(disk)
}

/** Takes the mark of the clean stop away, so that the next start looks at what was put into the folder. */
export async function unclean(disk: ModelDisk): Promise<void> {
  await disk.remove('/data/.kafka_cleanshutdown')
  await disk.syncDirectory('/data')
}

export const compacted: Partial<LogSettings> = {
  cleanupPolicy: ['compact'],
  minCleanableDirtyRatio: 0,
  segmentBytes: 4000,
  indexIntervalBytes: 100,
  deleteRetentionMs: 100_000,
}

/** Lets housekeeping look once at what may be cleaned. */
export async function letCompact(world: QuietWorld, isDone: () => boolean = () => false) {
  world.clock.advance(15_000)
  for (let turn = 0; turn < 30 && !isDone(); turn++) {
    await settle()
    world.clock.turn()
  }
}

/** One batch as it is found in the log. */
export interface FoundBatch {
  readonly baseOffset: number
  readonly lastOffset: number
  readonly attributes: number
  readonly producerId: number
  readonly baseSequence: number
  readonly deleteHorizonMs: number | undefined
  readonly marker: 'COMMIT' | 'ABORT' | undefined
  readonly records: readonly (TestRecord & { offset: number; headers: string })[]
}

/** All batches of the log's files, in order; every checksum is looked at. */
export async function batchesIn(disk: ModelDisk): Promise<FoundBatch[]> {
  const names = ((await disk.list(FOLDER)) ?? []).map(({ name }) => name)
  const found: FoundBatch[] = []
  for (const name of names.filter(name => /^\d+\.log$/.test(name)).sort()) {
    const content = (await disk.readFile(`${FOLDER}/${name}`)) as Buffer
    for (const batch of batchesOf(content)) {
      if (!batch.crcIsValid(crc32c)) throw new Error(`wrong checksum at ${batch.baseOffset}`)
      const type = batch.isControl ? controlRecordsOf(batch)[0]?.type : undefined
      found.push({
        baseOffset: batch.baseOffset,
        lastOffset: batch.lastOffset,
        attributes: batch.attributes,
        producerId: batch.producerId,
        baseSequence: batch.baseSequence,
        deleteHorizonMs: batch.hasDeleteHorizon ? batch.baseTimestamp : undefined,
        marker: type === 'COMMIT' || type === 'ABORT' ? type : undefined,
        records: batch.isControl
          ? []
          : [...recordsOf(batch, nodeCodecs())].map(record => ({
              offset: record.offset,
              key: record.key?.toString() ?? null,
              value: record.value?.toString() ?? null,
              timestamp: record.timestamp,
              headers: record.headers.map(({ key, value }) => `${key}=${value}`).join(),
            })),
      })
    }
  }
  return found
}
