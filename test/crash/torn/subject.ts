/** The log that is damaged: small batches of every codec, control and transactional ones, and gaps where compaction was; as `kill -9` leaves it. */
import { BatchBuilder, batchesOf, type CompressionType, nodeCodecs } from '@varve/protocol'
import { openJournal } from '../../../packages/broker/src/log/journal/recover.ts'
import { unsyncedPart } from '../../../packages/broker/src/log/restore-segments.ts'
import type { Partition } from '../../../packages/broker/src/replication/partition.ts'
import { letCompact } from '../../support/compaction-log.ts'
import { DiskImage } from '../../support/disk-image.ts'
import { quietWorld } from '../../support/journal-world.ts'
import {
  DATA,
  type HarnessOptions,
  openHarness,
  plainLimits,
  TOPIC_ID,
} from '../../support/log-harness.ts'
import { FOLDER } from '../../support/log-parts.ts'
import { ModelDisk } from '../../support/model-disk.ts'

/**
 * What is known of the end of the log when it is damaged: by nobody but the recovery point; by the journal, which holds its bytes; or by
 * the journal, whose bytes were given up when the segments were synced, and which carries the durable offset alone.
 */
export type Kind = 'relaxed' | 'journaled' | 'carried'

/** A batch, and where it lies. */
export interface Stored {
  readonly path: string
  readonly position: number
  readonly endPosition: number
  readonly baseOffset: number
  readonly lastOffset: number
}

/** Bytes of a segment that the journal holds, too. */
interface Journaled {
  readonly path: string
  readonly position: number
  readonly endPosition: number
}

export interface Subject {
  readonly kind: Kind
  readonly image: DiskImage
  /** In order; what a start after the crash finds when nothing is damaged. */
  readonly batches: readonly Stored[]
  readonly endOffset: number
  /** Below it damage is corruption, from there on a torn tail. */
  readonly durableEnd: number
  /** What a start looks at begins here: before it all is synced, and older than the recovery point. */
  readonly scannedFrom: number
  readonly journaled: readonly Journaled[]
}

/** The second partition has nothing to do with the damage. */
export const optionsFor = (kind: Kind): HarnessOptions => ({
  partitions: 2,
  settings: {
    flushMode: kind === 'relaxed' ? 'relaxed' : 'durable',
    cleanupPolicy: ['compact'],
    minCleanableDirtyRatio: 0,
    segmentBytes: 700,
    indexIntervalBytes: 150,
    flushMessages: 1,
  },
  limits: { compaction: { ...plainLimits.compaction, backoffMs: 15_000 } },
  journalLimits: { firstFileBytes: 16_384, fileBytes: 16_384 },
  unsyncedBytes: kind === 'journaled' ? 1_000 : 1,
})

/** The same, for who only looks at what is left. */
export const lookingAt = (kind: Kind): HarnessOptions => ({
  ...optionsFor(kind),
  limits: { compaction: { ...plainLimits.compaction, isEnabled: false } },
})

const codecs = nodeCodecs()
const codings: readonly CompressionType[] = ['none', 'gzip', 'snappy', 'lz4', 'zstd']

/** Appends to one partition what a round is made of. */
export class Writer {
  readonly #partition: Partition
  readonly #sequences = new Map<number, number>()
  #count = 0

  constructor(partition: Partition) {
    this.#partition = partition
  }

  append(producerId: number, kind: 'plain' | 'transactional'): void {
    const builder = new BatchBuilder()
    const size = 1 + (this.#count % 3)
    for (let index = 0; index < size; index++) {
      const timestamp = 1_000 + this.#count * 10 + index
      builder.append({
        key: `key-${(this.#count + index) % 5}`,
        value: `${this.#count}`,
        timestamp,
      })
    }
    const compression = codings[this.#count % codings.length] as CompressionType
    const baseSequence = producerId < 0 ? -1 : (this.#sequences.get(producerId) ?? 0)
    const producer = { producerId, producerEpoch: producerId < 0 ? -1 : 0, baseSequence }
    const isTransactional = kind === 'transactional'
    const bytes = builder.build({ ...producer, compression, codecs, isTransactional })
    const result = this.#partition.append(bytes, { now: 1_000, verification: 'off' })
    if ('error' in result) throw new Error(result.message)
    if (producerId >= 0) this.#sequences.set(producerId, baseSequence + size)
    this.#count += 1
  }

  end(producerId: number, result: 'commit' | 'abort'): void {
    const marker = { producerId, producerEpoch: 0, coordinatorEpoch: 1, transactionVersion: 0 }
    this.#partition.appendMarker({ ...marker, result }, 1_000)
  }

  /** One of everything. */
  round(): void {
    this.append(-1, 'plain')
    this.append(7, 'plain')
    this.append(8, 'transactional')
    this.append(9, 'transactional')
    this.end(8, 'commit')
    this.append(-1, 'plain')
    this.append(9, 'transactional')
    this.end(9, 'abort')
    this.append(7, 'plain')
  }
}

export async function makeSubject(kind: Kind): Promise<Subject> {
  const disk = new ModelDisk(new DiskImage())
  const world = quietWorld(disk)
  const broker = await openHarness(world, optionsFor(kind))
  const writer = new Writer(broker.partition())
  const bystander = new Writer(broker.partition(1))
  for (let round = 0; round < 2; round++) {
    writer.round()
    await broker.flush()
  }
  bystander.round()
  await broker.flush()
  await letCompact(world)
  world.clock.advance(45_000)
  await broker.flush()
  for (let round = 0; round < 2; round++) {
    writer.round()
    await broker.flush()
  }
  writer.append(9, 'transactional')
  for (let turn = 0; turn < 3; turn++) await broker.flush()
  world.clock.advance(300)
  await broker.flush()
  const image = new DiskImage(disk.image)
  return { kind, image, ...(await factsOf(image, broker.partition(), kind)) }
}

async function factsOf(image: DiskImage, partition: Partition, kind: Kind) {
  const batches = batchesIn(image)
  const endOffset = partition.logEndOffset
  const recoveryPoint = recoveryPointIn(image)
  const bases = logsIn(image).map(path => Number(/(\d+)\.log$/.exec(path)?.[1]))
  const scannedFrom = bases.findLast(base => base <= recoveryPoint) ?? 0
  const journaled = await journaledIn(image, recoveryPoint)
  const durableEnd = kind === 'relaxed' ? recoveryPoint : endOffset
  return { batches, endOffset, durableEnd, scannedFrom, journaled }
}

export const logsIn = (image: DiskImage): readonly string[] =>
  image
    .namesIn(FOLDER)
    .filter(path => path.endsWith('.log'))
    .sort()

export function batchesIn(image: DiskImage): Stored[] {
  return logsIn(image).flatMap(path =>
    [...batchesOf(contentOf(image, path))].map(batch => ({
      path,
      position: batch.endPosition - batch.sizeBytes,
      endPosition: batch.endPosition,
      baseOffset: batch.baseOffset,
      lastOffset: batch.lastOffset,
    })),
  )
}

export const contentOf = (image: DiskImage, path: string): Buffer =>
  image.content(image.names.get(path) ?? -1)

function recoveryPointIn(image: DiskImage): number {
  const text = contentOf(image, `${DATA}/recovery-point-offset-checkpoint`).toString()
  return Number(/^events 0 (\d+)$/m.exec(text)?.[1] ?? 0)
}

async function journaledIn(image: DiskImage, syncedTo: number): Promise<Journaled[]> {
  const world = quietWorld(new ModelDisk(image))
  const opened = await openJournal(world, DATA, {
    ...{ firstFileBytes: 16_384, fileBytes: 16_384, fileCountMax: 4, spareBytes: 0 },
  })
  const log = opened.recovered.get({ topicId: TOPIC_ID, partition: 0 })
  const entries = log === undefined ? [] : unsyncedPart(log, syncedTo).entries
  return entries.map(({ segmentBaseOffset, segmentPosition, sizeBytes }) => ({
    path: `${FOLDER}/${String(segmentBaseOffset).padStart(20, '0')}.log`,
    position: segmentPosition,
    endPosition: segmentPosition + sizeBytes,
  }))
}
