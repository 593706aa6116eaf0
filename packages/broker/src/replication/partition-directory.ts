/** All partitions of this broker: brought in line with the metadata image, loaded, looked after, and closed. */
import type { Codecs, Crc32c, ErrorName } from '@varve/protocol'
import { isInternalTopic } from '../config/internal-topics.ts'
import { clearDamageNote, noteDamage, withDamageNote } from '../log/damage-note.ts'
import type { LogFlusher } from '../log/dirty-log.ts'
import type { RecoveredLog } from '../log/journal/entry.ts'
import { loadLog } from '../log/load-log.ts'
import { durableEndOf, FOREIGN, type LoadOptions } from '../log/load-options.ts'
import type { LogDirectory } from '../log/log-directory.ts'
import { makeLogFolder } from '../log/log-folder.ts'
import type { LogLimits } from '../log/log-limits.ts'
import type { LogSettings } from '../log/log-settings.ts'
import type { LogIdentity, LogState } from '../log/log-state.ts'
import type { LoadTools, LogTools } from '../log/log-tools.ts'
import { readPartitionMetadata } from '../log/partition-metadata.ts'
import { ProducerQuota } from '../log/producer-quota.ts'
import { ReadBuffers } from '../log/read-buffers.ts'
import { keepRecovered, unsyncedPart } from '../log/restore-segments.ts'
import { partitionFolderName } from '../log/segment-files.ts'
import { TailCache } from '../log/tail-cache.ts'
import type { MetadataImage, TopicImage } from '../metadata/image.ts'
import { DiskError, type Timer, type World } from '../world.ts'
import { Breath } from './breath.ts'
import { Checkpoints } from './checkpoints.ts'
import { Housekeeping } from './housekeeping.ts'
import { inParallel } from './in-parallel.ts'
import { Partition } from './partition.ts'
import { doomedPath, tendFolders } from './partition-folders.ts'

const RETRY_FULL_DISK_MS = 500

export interface PartitionDirectoryOptions {
  readonly world: World
  readonly codecs: Codecs
  readonly crc32c: Crc32c
  readonly logDirectory: LogDirectory
  readonly brokerId: number
  readonly limits: LogLimits
  /** The effective settings of a topic: `logSettingsOf`. */
  readonly settingsOf: (topic: TopicImage) => LogSettings
  /** Topics that the metadata says were removed, as far back as it remembers: their folders may still be there after a crash. */
  readonly removedTopicIds: ReadonlySet<string>
  /** What the journal recovered; undefined without a journal, or when there was none. */
  readonly recovered:
    | { get(owner: { topicId: string; partition: number }): RecoveredLog | undefined }
    | undefined
  /**
   * Called once, when every log is loaded and what was recovered is synced and written down: starts the journal (which drops what it
   * had recovered) and the flusher on top of it.
   */
  readonly startFlusher: () => Promise<LogFlusher>
}

/**
 * Loads the partitions of the image and then starts the flusher. A partition that cannot be loaded is there and offline; a folder that the
 * image does not know is named in the log and left alone (L11). Rejects with a `DiskError` when there is no room to put back what the
 * journal holds: starting would drop it.
 */
export async function openPartitionDirectory(
  options: PartitionDirectoryOptions,
  image: MetadataImage,
): Promise<PartitionDirectory> {
  const { world, limits, logDirectory } = options
  const loadTools: LoadTools = {
    world,
    codecs: options.codecs,
    crc32c: options.crc32c,
    limits,
    tailCache: new TailCache(limits.tailCacheBytes),
    readBuffers: new ReadBuffers(),
    producerQuota: new ProducerQuota({
      idsMax: limits.producerIdsMax,
      // It may change at run time.
      get expirationMs() {
        return limits.producerIdExpirationMs
      },
      sweepIntervalMs: limits.producerIdExpirationCheckIntervalMs,
    }),
  }
  const wanted = assignmentsOf(image.topics.byId.values(), options)
  const checkpoints = await Checkpoints.open(logDirectory, world)
  const known = [...wanted.values()].map(({ identity }) =>
    partitionFolderName(identity.topic, identity.partition),
  )
  await tendFolders(options, new Set(known), checkpoints)
  const loaded = new Map<string, LogState | DiskError>()
  let unrestored: DiskError | undefined
  const breath = new Breath(world.clock)
  await inParallel([...wanted.values()], async ({ identity, settings }) => {
    await breath.draw()
    const { recoveryPoint, logStartOffset, cleanedTo } = checkpoints.of(identity)
    const isCompacted = settings.cleanupPolicy.includes('compact')
    const recovered = options.recovered?.get(identity)
    const known: LoadOptions = {
      ...{ recoveryPoint, logStartOffset },
      // Without the recovery point nobody knows which gaps are those of compaction.
      compactedTo: checkpoints.areDamaged && isCompacted ? Number.MAX_SAFE_INTEGER : cleanedTo,
      lastStop: checkpoints.areDamaged ? 'unclean' : logDirectory.lastStop,
      recovered: recovered && unsyncedPart(recovered, Math.max(recoveryPoint, cleanedTo)),
      missingFolder: missingFolderOf(identity),
    }
    const state = await load(identity, known, loadTools)
    if (state instanceof DiskError && state.isFullDisk && known.recovered !== undefined)
      unrestored ??= state
    loaded.set(keyOf(identity), state)
  })
  if (unrestored !== undefined) {
    for (const state of loaded.values())
      if (!(state instanceof DiskError)) await state.segments.closeFiles()
    throw unrestored
  }
  await checkpoints.writeLoaded(
    [...wanted.values()].map(({ identity }) => ({ identity, state: loaded.get(keyOf(identity)) })),
  )
  const tools = { ...loadTools, flusher: await options.startFlusher() }
  const directory = new PartitionDirectory(options, image, { tools, checkpoints })
  for (const [key, state] of loaded) directory.add(wanted.get(key) as Assignment, state)
  return directory
}

/** A partition that this broker has a replica of. */
interface Assignment {
  readonly identity: LogIdentity
  readonly topic: TopicImage
  /** One object for all partitions of a topic. */
  readonly settings: LogSettings
  readonly leaderEpoch: number
}

export class PartitionDirectory {
  readonly #options: PartitionDirectoryOptions
  readonly #tools: LogTools
  readonly #checkpoints: Checkpoints
  readonly #housekeeping: Housekeeping
  readonly #partitions = new Map<string, Partition>()
  /** What the partitions are in line with. */
  #image: MetadataImage
  readonly #byTopicId = new Map<string, Map<number, Partition>>()
  readonly #byName = new Map<string, Map<number, Partition>>()
  /** Partitions that could not be made for want of space, until there is some. */
  readonly #unmade = new Map<string, Timer>()
  /** The last change of what is there: each waits for the one before. */
  #lastChange: Promise<void> = Promise.resolve()
  #isClosed = false

  constructor(
    options: PartitionDirectoryOptions,
    image: MetadataImage,
    parts: { readonly tools: LogTools; readonly checkpoints: Checkpoints },
  ) {
    const { tools, checkpoints } = parts
    this.#options = options
    this.#image = image
    this.#tools = tools
    this.#checkpoints = checkpoints
    this.#housekeeping = new Housekeeping(
      {
        ...{ world: options.world, limits: options.limits, tools, checkpoints },
        quota: tools.producerQuota,
      },
      () => this.all(),
    )
  }

  /** The partition of a topic by the topic's id. */
  get(topicId: string, partition: number): Partition | undefined {
    return this.#byTopicId.get(topicId)?.get(partition)
  }

  /** The partition of a topic by the topic's name. */
  getByName(topic: string, partition: number): Partition | undefined {
    return this.#byName.get(topic)?.get(partition)
  }

  all(): IterableIterator<Partition> {
    return this.#partitions.values()
  }

  get count(): number {
    return this.#partitions.size
  }

  /**
   * Takes over a new image: makes logs for new partitions, deletes those of topics that were removed (an image knows every topic that
   * was created, so one that is missing was removed by a record), and passes on epochs and settings. Resolves when all that is done.
   */
  applyImage(image: MetadataImage): Promise<void> {
    return this.#inTurn(() => this.#apply(image))
  }

  /** Only topics that differ are looked at: an image is a value, and what did not change in it is the same object as before. */
  async #apply(image: MetadataImage): Promise<void> {
    if (this.#isClosed) return
    const previous = this.#image
    if (image.brokerConfigs !== previous.brokerConfigs) this.configureAll(image)
    const changed = [...image.topics.byId.values()].filter(
      topic => previous.topics.byId.get(topic.topicId) !== topic,
    )
    const wanted = assignmentsOf(changed, this.#options)
    const gone: Partition[] = []
    for (const { topicId } of previous.topics.byId.values()) {
      const topic = image.topics.byId.get(topicId)
      if (topic !== undefined && topic === previous.topics.byId.get(topicId)) continue
      for (const partition of this.#byTopicId.get(topicId)?.values() ?? [])
        if (!wanted.has(keyOf(partition))) gone.push(partition)
    }
    if (gone.length > 0) await this.#delete(gone)
    const missing: Assignment[] = []
    for (const [key, assignment] of wanted) {
      const partition = this.#partitions.get(key)
      if (partition === undefined) missing.push(assignment)
      else {
        partition.log?.configure(assignment.settings)
        partition.lead(assignment.leaderEpoch)
      }
    }
    await inParallel(missing, assignment => this.#create(assignment))
    this.#image = image
  }

  /** Settings of the broker changed: every log gets its effective settings anew. */
  configureAll(image: MetadataImage): void {
    for (const [topicId, partitions] of this.#byTopicId) {
      const topic = image.topics.byId.get(topicId)
      if (topic === undefined) continue
      const settings = this.#options.settingsOf(topic)
      for (const partition of partitions.values()) partition.log?.configure(settings)
    }
  }

  /** Puts a loaded partition in its place. */
  add(assignment: Assignment, state: LogState | DiskError): void {
    const { identity, topic, settings, leaderEpoch } = assignment
    const partition: Partition = new Partition(
      {
        identity,
        settings,
        tools: this.#tools,
        kind: isInternalTopic(topic.name) ? 'internal' : 'user',
        persistLogStart: () => this.#checkpoints.writeLogStarts(() => this.all()),
        makeFolder: () => this.#inTurn(() => this.#makeFolder(identity, partition)),
      },
      state,
    )
    partition.lead(leaderEpoch)
    this.#partitions.set(keyOf(identity), partition)
    place(this.#byTopicId, identity.topicId, partition)
    place(this.#byName, identity.topic, partition)
  }

  /**
   * The clean stop, after the flusher was closed (so that everything is written and synced): closes every log and writes the checkpoints.
   * Rejects with a `DiskError` when something could not be written; then the stop was not clean.
   */
  async close(): Promise<void> {
    await this.#comeToRest()
    await inParallel([...this.all()], async partition => {
      await partition.log?.close()
      partition.end('NOT_LEADER_OR_FOLLOWER')
    })
    await this.#checkpoints.writeAll(this.#partitions.values())
  }

  /** The end after a failure: nothing is written any more, and in a process that lives on nothing stays open. */
  async abandon(): Promise<void> {
    await this.#comeToRest()
    for (const partition of this.all()) {
      await partition.log?.abandon()
      partition.end('KAFKA_STORAGE_ERROR')
    }
  }

  /** Nothing new is begun, and what was is done. */
  async #comeToRest(): Promise<void> {
    this.#isClosed = true
    for (const timer of this.#unmade.values()) timer.cancel()
    await this.#lastChange
    await this.#housekeeping.close()
  }

  async #create(assignment: Assignment): Promise<void> {
    // Nothing should be there; if something is, it is looked at as after a crash.
    const options: LoadOptions = {
      lastStop: 'unclean',
      recovered: undefined,
      recoveryPoint: 0,
      logStartOffset: 0,
      compactedTo: 0,
      missingFolder: missingFolderOf(assignment.identity),
    }
    const state = await this.#loadNew(assignment.identity, options)
    this.add(assignment, state)
    const key = keyOf(assignment.identity)
    this.#unmade.delete(key)
    if (state instanceof DiskError && (state.isFullDisk || state.isShortOfFiles))
      this.#createLater(key, assignment)
  }

  /** In turn with all other changes, so that the folder of a topic that is being deleted does not come back. */
  async #makeFolder(identity: LogIdentity, partition: Partition): Promise<ErrorName> {
    if (this.#isClosed) return 'NOT_LEADER_OR_FOLLOWER'
    if (this.#partitions.get(keyOf(identity)) !== partition) return 'UNKNOWN_TOPIC_OR_PARTITION'
    if (partition.hasFolder) return 'NONE'
    try {
      await makeLogFolder(identity, this.#tools)
    } catch (error) {
      if (!(error instanceof DiskError)) throw error
      const { path, code } = error
      const { log } = this.#options.world
      if (error.isFullDisk || error.isShortOfFiles) {
        log.warn('The folder of a partition could not be made.', { path, code })
      } else {
        // It may have been a sync: what the disk has now nobody knows, and it is not tried again (L6).
        log.error('The folder of a partition could not be made: the partition goes offline.', {
          path,
          code,
        })
        partition.log?.storageFailed(error)
      }
      return 'KAFKA_STORAGE_ERROR'
    }
    partition.log?.folderMade()
    return 'NONE'
  }

  async #loadNew(identity: LogIdentity, options: LoadOptions): Promise<LogState | DiskError> {
    try {
      await this.#checkpoints.forget([identity], () => this.all())
    } catch (error) {
      if (error instanceof DiskError) return error
      throw error
    }
    return load(identity, options, this.#tools)
  }

  /** The disk had no room for a new partition: it stays offline until there is some, not until a restart. */
  #createLater(key: string, assignment: Assignment): void {
    const offline = this.#partitions.get(key)
    const retry = async (): Promise<void> => {
      if (this.#isClosed || offline === undefined || this.#partitions.get(key) !== offline) return
      const leaderEpoch = Math.max(assignment.leaderEpoch, offline.leaderEpoch)
      const settings = this.#options.settingsOf(assignment.topic)
      await this.#create({ ...assignment, settings, leaderEpoch })
      offline.end('KAFKA_STORAGE_ERROR')
    }
    const timer = this.#options.world.clock.after(RETRY_FULL_DISK_MS, () => {
      this.#inTurn(retry).catch((error: unknown) => this.#options.world.fail(error as Error))
    })
    this.#unmade.set(key, timer)
  }

  #inTurn<T>(change: () => Promise<T>): Promise<T> {
    const changed = this.#lastChange.then(change)
    // The failure belongs to whoever asked for this change, not to the next one.
    this.#lastChange = changed.then(ignore, ignore)
    return changed
  }

  /** What the checkpoints say of them goes before their folders do: it names no topic id, and another topic may come to have the name. */
  async #delete(gone: readonly Partition[]): Promise<void> {
    for (const partition of gone) this.#takeOut(partition)
    await inParallel(gone, async partition => {
      await this.#housekeeping.idle(partition)
      await partition.log?.abandon()
    })
    try {
      await this.#checkpoints.forget(gone, () => this.all())
    } catch (error) {
      // A full disk: now the folders have to go all the more. A topic that takes the name has to wait until this was written.
      this.#couldNotRemove(error)
    }
    await inParallel(gone, partition => this.#removeFolder(partition).catch(this.#couldNotRemove))
    await this.#options.world.disk
      .syncDirectory(this.#options.logDirectory.path)
      .catch(this.#couldNotRemove)
  }

  readonly #couldNotRemove = (error: unknown): void => {
    if (!(error instanceof DiskError)) throw error
    this.#options.world.log.error('The folder of a deleted partition could not be removed.', {
      path: error.path,
      code: error.code,
    })
  }

  #takeOut(partition: Partition): void {
    const key = keyOf(partition)
    this.#partitions.delete(key)
    this.#unmade.get(key)?.cancel()
    this.#unmade.delete(key)
    displace(this.#byTopicId, partition.topicId, partition)
    displace(this.#byName, partition.topic, partition)
    partition.end('UNKNOWN_TOPIC_OR_PARTITION' satisfies ErrorName)
    if (partition.log !== undefined) this.#tools.flusher.forget(partition.log)
  }

  async #removeFolder(partition: Partition): Promise<void> {
    const { world, logDirectory } = this.#options
    const { disk } = world
    const folder = partitionFolderName(partition.topic, partition.partition)
    const path = `${logDirectory.path}/${folder}`
    // A log that could not be loaded may have found the folder of another topic, and one without a folder may have half of one: making
    // it has failed.
    const isOwn =
      (partition.log !== undefined && partition.hasFolder) ||
      (await readPartitionMetadata(disk, path)) === partition.topicId
    if (!isOwn) return
    const doomed = doomedPath(world, path)
    await disk.rename(path, doomed)
    this.#housekeeping.removeLater(doomed, partition.settings?.fileDeleteDelayMs ?? 0)
  }
}

/** Internal topics have many partitions of which most are never used: their folders are made by the first append. */
function missingFolderOf({ topic }: LogIdentity): LoadOptions['missingFolder'] {
  return isInternalTopic(topic) ? 'leave' : 'make'
}

function ignore(): void {
  return
}

async function load(
  identity: LogIdentity,
  given: LoadOptions,
  tools: LoadTools,
): Promise<LogState | DiskError> {
  const { disk, log } = tools.world
  const { directory } = identity
  const options = await withDamageNote(disk, directory, given)
  try {
    const state = await loadLog(identity, options, tools)
    await clearDamageNote(disk, directory)
    return state
  } catch (error) {
    if (!(error instanceof DiskError)) throw error
    log.error('A partition could not be loaded and stays offline.', {
      directory,
      path: error.path,
      code: error.code,
    })
    if (error.code === FOREIGN) return error
    if (given.recovered !== undefined) await keepRecovered(identity, given.recovered, tools)
    const { recoveryPoint } = options
    await noteDamage(disk, directory, { error, durableEnd: durableEndOf(options), recoveryPoint })
    return error
  }
}

function assignmentsOf(
  topics: Iterable<TopicImage>,
  options: PartitionDirectoryOptions,
): Map<string, Assignment> {
  const { brokerId, logDirectory } = options
  const assignments = new Map<string, Assignment>()
  for (const topic of topics) {
    const settings = options.settingsOf(topic)
    topic.partitions.forEach(({ replicas, leaderEpoch }, partition) => {
      if (!replicas.includes(brokerId)) return
      const directory = `${logDirectory.path}/${partitionFolderName(topic.name, partition)}`
      const identity = { topic: topic.name, topicId: topic.topicId, partition, directory }
      assignments.set(keyOf(identity), { identity, topic, settings, leaderEpoch })
    })
  }
  return assignments
}

function keyOf({
  topicId,
  partition,
}: {
  readonly topicId: string
  readonly partition: number
}): string {
  return `${topicId}:${partition}`
}

function place(
  index: Map<string, Map<number, Partition>>,
  topic: string,
  partition: Partition,
): void {
  const partitions = index.get(topic)
  if (partitions === undefined) index.set(topic, new Map([[partition.partition, partition]]))
  else partitions.set(partition.partition, partition)
}

function displace(
  index: Map<string, Map<number, Partition>>,
  topic: string,
  partition: Partition,
): void {
  const partitions = index.get(topic)
  partitions?.delete(partition.partition)
  if (partitions?.size === 0) index.delete(topic)
}
