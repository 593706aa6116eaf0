/**
 * The metadata log of a standalone broker: the folder `__cluster_metadata-0` with one growing segment (`<base offset>.log`, record
 * batches in KRaft's framing, one per proposal) and the newest snapshot. A batch is synced before anybody hears of it. What a
 * crash can leave: a torn batch at the very end, which nobody was told about and which is cut; a snapshot whose older
 * segment is still there, which is removed. Anything else that does not read is corruption, and the broker does not start.
 */
import type { Buffer } from 'node:buffer'
import { type Disk, DiskError, type DiskFile, type World } from '../world.ts'
import { applyAll } from './apply.ts'
import { leaderChangeBatch } from './control-batch.ts'
import { emptyImage, type MetadataImage } from './image.ts'
import { changesOf } from './metadata-batch.ts'
import { MetadataLogError } from './metadata-log-error.ts'
import { scan } from './scan.ts'
import { imageOfSnapshot, snapshotBytes } from './snapshot.ts'

export const METADATA_FOLDER = '__cluster_metadata-0'

export interface MetadataLogOptions {
  readonly world: World
  /** The log directory. */
  readonly directory: string
  readonly clusterId: string
  readonly nodeId: number
  /** After a clean stop even the last batch was synced: then a torn end is corruption. */
  readonly lastStop: 'clean' | 'unclean'
  /** `adopt`: a new log may begin beside partitions that it does not know. */
  readonly foreignLogs?: 'adopt' | 'refuse' | undefined
}

/** The epoch of the only voter: it elects itself once, when the log is made. */
const FIRST_EPOCH = 1

export class MetadataLog {
  readonly #disk: Disk
  readonly #folder: string
  readonly leaderEpoch: number
  #segment: DiskFile
  /** Bytes that a start would have to replay after the snapshot. */
  #replayBytes: number
  #isWhole = true

  constructor(disk: Disk, folder: string, opened: OpenedSegment) {
    this.#disk = disk
    this.#folder = folder
    this.#segment = opened.segment
    this.#replayBytes = opened.segment.sizeBytes
    this.leaderEpoch = opened.leaderEpoch
  }

  /** How much a start would have to replay. */
  get replayBytes(): number {
    return this.#replayBytes
  }

  /** False after a failure that left bytes behind, or of which nobody knows whether they are durable: never append again (L6). */
  get isWhole(): boolean {
    return this.#isWhole
  }

  /** Makes a batch durable. A failed write that was taken back whole (a full disk) leaves the log as it was. */
  async append(batch: Buffer): Promise<void> {
    const segment = this.#segment
    const sizeBefore = segment.sizeBytes
    this.#isWhole = false
    try {
      await segment.append([batch])
    } catch (error) {
      this.#isWhole = segment.sizeBytes === sizeBefore && isFullDisk(error)
      throw error
    }
    await segment.sync()
    this.#isWhole = true
    this.#replayBytes += batch.length
  }

  /** Writes a snapshot of the image that all appended batches make, begins a new segment, and drops what is no longer needed. */
  async snapshot(image: MetadataImage, timestamp: number): Promise<void> {
    const { leaderEpoch } = this
    const path = `${this.#folder}/${metadataSnapshotName(image.revision, leaderEpoch)}`
    await this.#disk.writeFileAtomically(path, snapshotBytes(image, { leaderEpoch, timestamp }))
    const segment = await this.#newSegment(image.revision)
    const old = this.#segment
    this.#segment = segment
    this.#replayBytes = 0
    await old.close()
    await removeObsolete(this.#disk, this.#folder, image.revision)
  }

  /** One that could not be begun must not stay: the log goes on in the old one, and would have two ends. */
  async #newSegment(baseOffset: number): Promise<DiskFile> {
    const path = `${this.#folder}/${metadataSegmentName(baseOffset)}`
    const segment = await this.#disk.open(path, 'truncate')
    try {
      await this.#disk.syncDirectory(this.#folder)
      return segment
    } catch (error) {
      await segment.close()
      await this.#disk.remove(path)
      throw error
    }
  }

  async close(): Promise<void> {
    await this.#segment.close()
  }
}

/** The one failure of a write that passes: space returns. Its bytes were cut off again, else the code would be another. */
function isFullDisk(error: unknown): boolean {
  return error instanceof DiskError && error.isFullDisk
}

interface OpenedSegment {
  readonly segment: DiskFile
  readonly leaderEpoch: number
}

/** What is found when the log is opened. */
export interface OpenedMetadata {
  readonly log: MetadataLog
  readonly image: MetadataImage
  /** The topics that the records since the last snapshot removed. */
  readonly removedTopicIds: ReadonlySet<string>
}

/** Opens the log, or makes a new one, and replays it. Throws `MetadataLogError` when it may not be used. */
export async function openMetadataLog(options: MetadataLogOptions): Promise<OpenedMetadata> {
  const { disk } = options.world
  const folder = `${options.directory}/${METADATA_FOLDER}`
  const names = (await disk.list(folder))?.map(entry => entry.name) ?? []
  const snapshot = names.flatMap(snapshotOf).sort((a, b) => b.revision - a.revision)[0]
  const segments = names.flatMap(segmentOf).sort((a, b) => a.baseOffset - b.baseOffset)
  const isEmpty = snapshot === undefined && (await sizeOf(disk, folder, segments)) === 0
  const removedTopicIds = new Set<string>()
  if (isEmpty) return { ...(await createMetadataLog(options, folder)), removedTopicIds }

  let image = emptyImage(options.clusterId)
  if (snapshot !== undefined) {
    const path = `${folder}/${snapshot.name}`
    const bytes = await disk.readFile(path)
    if (bytes === undefined) throw new MetadataLogError(`The metadata snapshot ${path} is gone.`)
    const { revision } = snapshot
    image = imageOfSnapshot(bytes, { path, revision, clusterId: options.clusterId })
  }
  const replayed = await replay(options, folder, { image, segments, removedTopicIds })
  const last = segments.at(-1)
  if (last === undefined || replayed.nextOffset < image.revision) {
    throw new MetadataLogError(
      `The metadata log in ${folder} ends before its snapshot ${snapshot?.name ?? ''}; restore the folder from a copy.`,
    )
  }
  const segment = await disk.open(`${folder}/${last.name}`, 'existing')
  if (segment.sizeBytes > replayed.endPosition) {
    options.world.log.warn('cut a torn write from the end of the metadata log', {
      file: segment.path,
      tornBytes: segment.sizeBytes - replayed.endPosition,
    })
    await segment.truncate(replayed.endPosition)
  }
  // A crash may have left whole bytes that were never synced: they count from now on, so they are made durable first.
  await segment.sync()
  await removeObsolete(
    disk,
    folder,
    snapshot === undefined ? 0 : Math.min(snapshot.revision, last.baseOffset),
  )
  const leaderEpoch = replayed.leaderEpoch ?? snapshot?.leaderEpoch ?? FIRST_EPOCH
  const log = new MetadataLog(disk, folder, { segment, leaderEpoch })
  // The crash was in the very first write: the log is as good as new.
  if (replayed.nextOffset === 0)
    return { log, image: await beginEpoch(log, options), removedTopicIds }
  return { log, image: replayed.image, removedTopicIds }
}

async function createMetadataLog(
  options: MetadataLogOptions,
  folder: string,
): Promise<{ readonly log: MetadataLog; readonly image: MetadataImage }> {
  const { disk } = options.world
  const neighbours = (await disk.list(options.directory)) ?? []
  const partition = neighbours.find(
    ({ name, isDirectory }) => isDirectory && name !== METADATA_FOLDER && /^.+-\d+$/.test(name),
  )
  if (partition !== undefined && options.foreignLogs !== 'adopt') {
    throw new MetadataLogError(
      `The data folder ${options.directory} has partitions (${partition.name}) but no metadata log; restore ${METADATA_FOLDER} from a copy or choose an empty folder.`,
    )
  }
  await disk.makeDirectory(folder)
  const segment = await disk.open(`${folder}/${metadataSegmentName(0)}`, 'truncate')
  await disk.syncDirectory(folder)
  await disk.syncDirectory(options.directory)
  const log = new MetadataLog(disk, folder, { segment, leaderEpoch: FIRST_EPOCH })
  return { log, image: await beginEpoch(log, options) }
}

/** Writes the first batch of a new log; gives the image after it. */
async function beginEpoch(log: MetadataLog, options: MetadataLogOptions): Promise<MetadataImage> {
  const timestamp = options.world.clock.now()
  const place = { baseOffset: 0, leaderEpoch: log.leaderEpoch, timestamp }
  await log.append(leaderChangeBatch(options.nodeId, place))
  return { ...emptyImage(options.clusterId), revision: 1 }
}

interface Replayed {
  readonly image: MetadataImage
  readonly nextOffset: number
  readonly leaderEpoch: number | undefined
  /** Where the last segment's whole batches end. */
  readonly endPosition: number
}

async function replay(
  options: MetadataLogOptions,
  folder: string,
  from: {
    readonly image: MetadataImage
    readonly segments: readonly Segment[]
    readonly removedTopicIds: Set<string>
  },
): Promise<Replayed> {
  let { image } = from
  let leaderEpoch: number | undefined
  let nextOffset = from.segments[0]?.baseOffset ?? 0
  let endPosition = 0
  if (nextOffset > image.revision) {
    throw new MetadataLogError(
      `The metadata log in ${folder} begins at offset ${nextOffset}, but what came before is gone; restore the folder from a copy.`,
    )
  }
  for (const segment of from.segments) {
    const path = `${folder}/${segment.name}`
    const bytes = await options.world.disk.readFile(path)
    const scanned = bytes && scan(bytes, segment.baseOffset)
    const mayBeTorn = segment === from.segments.at(-1) && options.lastStop === 'unclean'
    const isUsable =
      scanned !== undefined &&
      segment.baseOffset === nextOffset &&
      (scanned.rest === 'nothing' || (scanned.rest === 'torn' && mayBeTorn))
    if (!isUsable) {
      throw new MetadataLogError(
        `The metadata log ${path} is damaged at position ${scanned?.endPosition ?? 0}; restore it from a copy.`,
      )
    }
    for (const batch of scanned.batches) {
      nextOffset = batch.lastOffset + 1
      leaderEpoch = batch.partitionLeaderEpoch
      if (batch.baseOffset < image.revision) continue
      const changes = batch.isControl ? [] : changesOf(batch)
      for (const change of changes)
        if (change.type === 'RemoveTopicRecord') from.removedTopicIds.add(change.topicId)
      image = { ...applyAll(image, changes), revision: nextOffset }
    }
    endPosition = scanned.endPosition
  }
  return { image, nextOffset, leaderEpoch, endPosition }
}

/** Removes snapshots and segments that end before `revision`; a snapshot of that revision must be durable, or it is 0. */
async function removeObsolete(disk: Disk, folder: string, revision: number): Promise<void> {
  const names = ((await disk.list(folder)) ?? []).map(entry => entry.name)
  const obsolete = [
    ...names.flatMap(segmentOf).filter(segment => segment.baseOffset < revision),
    ...names.flatMap(snapshotOf).filter(snapshot => snapshot.revision < revision),
  ]
  for (const { name } of obsolete) await disk.remove(`${folder}/${name}`)
  if (obsolete.length > 0) await disk.syncDirectory(folder)
}

interface Segment {
  readonly name: string
  readonly baseOffset: number
}

interface Snapshot {
  readonly name: string
  readonly revision: number
  readonly leaderEpoch: number
}

export function metadataSegmentName(baseOffset: number): string {
  return `${String(baseOffset).padStart(20, '0')}.log`
}

export function metadataSnapshotName(revision: number, leaderEpoch: number): string {
  return `${String(revision).padStart(20, '0')}-${String(leaderEpoch).padStart(10, '0')}.checkpoint`
}

function segmentOf(name: string): Segment[] {
  const baseOffset = /^(\d{20})\.log$/.exec(name)?.[1]
  return baseOffset === undefined ? [] : [{ name, baseOffset: Number(baseOffset) }]
}

function snapshotOf(name: string): Snapshot[] {
  const match = /^(\d{20})-(\d{10})\.checkpoint$/.exec(name)
  return match === null ? [] : [{ name, revision: Number(match[1]), leaderEpoch: Number(match[2]) }]
}

async function sizeOf(disk: Disk, folder: string, segments: readonly Segment[]): Promise<number> {
  if (segments.length === 0) return 0
  if (segments.some(segment => segment.baseOffset > 0)) return Infinity
  const entries = (await disk.list(folder)) ?? []
  return entries.find(entry => entry.name === metadataSegmentName(0))?.sizeBytes ?? 0
}
