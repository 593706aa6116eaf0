/** All partitions of this broker: brought in line with the metadata image, loaded, looked after, and closed. */
import type { Codecs, Crc32c, ErrorName } from '@varve/protocol'
import { isInternalTopic } from '../config/internal-topics.ts'
import type { LogFlusher } from '../log/dirty-log.ts'
import type { RecoveredLog } from '../log/journal/entry.ts'
import type { LoadOptions } from '../log/load-options.ts'
import type { LogDirectory } from '../log/log-directory.ts'
import { makeLogFolder } from '../log/log-folder.ts'
import type { LogLimits } from '../log/log-limits.ts'
import type { LogSettings } from '../log/log-settings.ts'
import type { LogIdentity, LogState } from '../log/log-state.ts'
import type { LogTools } from '../log/log-tools.ts'
import { openWholeLog } from '../log/open-whole-log.ts'
import { readPartitionMetadata } from '../log/partition-metadata.ts'
import { partitionFolderName } from '../log/segment-files.ts'
import type { MetadataImage, TopicImage } from '../metadata/image.ts'
import { DiskError, type World } from '../world.ts'
import { type Assignment, assignmentsOf, partitionKey } from './assignment.ts'
import type { CheckpointedLog, Checkpoints } from './checkpoints.ts'
import { Housekeeping } from './housekeeping.ts'
import { inParallel } from './in-parallel.ts'
import { LazyOpening } from './lazy-opening.ts'
import {
  type KnownLogs,
  loadKnownLog,
  loadOptionsOf,
  missingFolderOf,
  noteUnloaded,
} from './load-known-log.ts'
import { OfflineRetries } from './offline-retries.ts'
import { Partition } from './partition.ts'
import { doomedPath, finishDeletions } from './partition-folders.ts'
import { PartitionIndex } from './partition-index.ts'
import type { UnopenedLogs } from './unopened-logs.ts'

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

export class PartitionDirectory {
  readonly #options: PartitionDirectoryOptions
  readonly #tools: LogTools
  readonly #checkpoints: Checkpoints
  readonly #known: KnownLogs
  readonly #unopened: UnopenedLogs
  readonly #opening: LazyOpening
  readonly #housekeeping: Housekeeping
  /** Those that are open, or offline. */
  readonly #partitions = new PartitionIndex()
  /** What the partitions are in line with. */
  #image: MetadataImage
  readonly #retries: OfflineRetries
  /** The last change of what is there: each waits for the one before. */
  #lastChange: Promise<void> = Promise.resolve()
  #isClosed = false
  #onReturn: (image: MetadataImage) => void = ignore

  constructor(
    options: PartitionDirectoryOptions,
    image: MetadataImage,
    parts: {
      readonly tools: LogTools
      readonly known: KnownLogs
      readonly unopened: UnopenedLogs
    },
  ) {
    const { tools, known, unopened } = parts
    const { checkpoints } = known
    this.#options = options
    this.#image = image
    this.#tools = tools
    this.#checkpoints = checkpoints
    this.#known = known
    this.#unopened = unopened
    this.#housekeeping = new Housekeeping(
      {
        ...{ world: options.world, limits: options.limits, tools, checkpoints },
        quota: tools.producerQuota,
        checkpointed: () => this.#checkpointed(),
      },
      () => this.opened(),
    )
    const { clock, fail } = options.world
    this.#retries = new OfflineRetries(clock, fail)
    this.#opening = new LazyOpening({ clock, unopened, open: closed => this.#open(closed) })
  }

  /**
   * The partition of a topic by the topic's id. If its log is still as a clean stop left it, it is opened in this very call; one that has to be
   * recovered first is offline until that is done, and then another object.
   */
  get(topicId: string, partition: number): Partition | undefined {
    const opened = this.getOpened(topicId, partition)
    if (opened !== undefined) return opened
    this.#opening.openNow(topicId, partition)
    return this.getOpened(topicId, partition)
  }

  /** The same if its log is open, or known not to be one that can be: for who would ask for all partitions without need of their logs. */
  getOpened(topicId: string, partition: number): Partition | undefined {
    return this.#partitions.get(topicId, partition)
  }

  /** The partition of a topic by the topic's name. */
  getByName(topic: string, partition: number): Partition | undefined {
    const found = this.#partitions.getByName(topic, partition)
    const topicId = this.#image.topics.byName.get(topic)?.topicId
    return found ?? (topicId === undefined ? undefined : this.get(topicId, partition))
  }

  /** Calls `listener`, with what the partitions are in line with, when one of an internal topic was offline and is not any more. */
  onReturn(listener: (image: MetadataImage) => void): void {
    this.#onReturn = listener
  }

  /** All partitions but those that nobody has asked for since a clean start: see `openAll`. */
  opened(): IterableIterator<Partition> {
    return this.#partitions.all()
  }

  /** How many there are, open or not. */
  get count(): number {
    return this.#partitions.size + this.#unopened.count
  }

  /** Opens those logs of all asked for that are closed, with breaks for others; undefined when none is: most often. */
  openAsked(
    asked: Iterable<{ readonly topicId: string; readonly partition: number }>,
  ): Promise<void> | undefined {
    return this.#opening.openAsked(asked)
  }

  /** Opens the logs that are not open yet, with breaks for others. Resolves when all that has to be done for them is done, too. */
  async openAll(): Promise<void> {
    await this.#opening.openAll()
    await this.#lastChange
  }

  #open(closed: Assignment): void {
    const { world } = this.#options
    const { identity } = closed
    const state = openWholeLog(identity, loadOptionsOf(closed, this.#known), this.#tools)
    if (state !== undefined) {
      this.#add(closed, state)
      return
    }
    const offline = this.#add(closed, new DiskError('open', identity.directory, 'EAGAIN'))
    this.#whileOffline(closed, offline, now => this.#recover(now)).catch(world.fail)
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
      for (const partition of this.#partitions.ofTopic(topicId))
        if (!wanted.has(partitionKey(partition))) gone.push(partition)
      for (const unopened of this.#unopened.ofTopic(topicId))
        if (!wanted.has(partitionKey(unopened.identity))) gone.push(this.#leaveClosed(unopened))
    }
    if (gone.length > 0) await this.#delete(gone)
    const missing: Assignment[] = []
    for (const assignment of wanted.values()) {
      const { topicId, partition: number } = assignment.identity
      const partition = this.#partitions.get(topicId, number)
      if (this.#unopened.has(assignment.identity)) this.#unopened.set(assignment)
      else if (partition === undefined) missing.push(assignment)
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
    for (const topicId of this.#partitions.topicIds()) {
      const topic = image.topics.byId.get(topicId)
      if (topic === undefined) continue
      const settings = this.#options.settingsOf(topic)
      for (const { log } of this.#partitions.ofTopic(topicId)) log?.configure(settings)
    }
    this.#unopened.configure(({ topicId }) => {
      const topic = image.topics.byId.get(topicId)
      return topic && this.#options.settingsOf(topic)
    })
  }

  /** Takes in what the start has loaded, or could not load: then, if the reason passes, it is loaded as soon as it has. */
  addLoaded(assignment: Assignment, state: LogState | DiskError): void {
    this.#settle(assignment, state, now => this.#recover(now))
  }

  /** Puts a loaded partition in its place. */
  #add(assignment: Assignment, state: LogState | DiskError): Partition {
    const { identity, topic, settings, leaderEpoch } = assignment
    const partition: Partition = new Partition(
      {
        identity,
        settings,
        tools: this.#tools,
        kind: isInternalTopic(topic.name) ? 'internal' : 'user',
        persistLogStart: () => this.#checkpoints.writeLogStarts(() => this.#checkpointed()),
        makeFolder: () => this.#inTurn(() => this.#makeFolder(identity, partition)),
      },
      state,
    )
    partition.lead(leaderEpoch)
    this.#partitions.set(partition)
    return partition
  }

  /** For a partition that is deleted unopened. */
  #leaveClosed({ identity }: Assignment): Partition {
    const assignment = this.#unopened.take(identity.topicId, identity.partition) as Assignment
    return this.#add(assignment, new DiskError('open', identity.directory, 'ECANCELED'))
  }

  /** Of all partitions. The end of a log that was not opened is its recovery point, up to which it is committed. */
  *#checkpointed(): Generator<CheckpointedLog, void, void> {
    yield* this.#partitions.all()
    for (const { identity } of this.#unopened.all()) {
      const { topic, partition } = identity
      const { recoveryPoint: highWatermark } = this.#checkpoints.of(identity)
      yield { topic, partition, highWatermark, log: undefined }
    }
  }

  /**
   * The clean stop, after the flusher was closed (so that everything is written and synced): closes every log and writes the checkpoints.
   * Rejects with a `DiskError` when something could not be written; then the stop was not clean.
   */
  async close(): Promise<void> {
    await this.#comeToRest()
    await inParallel([...this.opened()], async partition => {
      await this.#closeLog(partition)
      partition.end('NOT_LEADER_OR_FOLLOWER')
    })
    await this.#checkpoints.writeAll(this.#checkpointed())
  }

  async #closeLog({ topic, topicId, partition, log }: Partition): Promise<void> {
    if (log !== undefined) return log.close()
    const { logDirectory, world } = this.#options
    const directory = `${logDirectory.path}/${partitionFolderName(topic, partition)}`
    await noteUnloaded({ topic, topicId, partition, directory }, this.#known, world.disk)
  }

  /** The end after a failure: nothing is written any more, and in a process that lives on nothing stays open. */
  async abandon(): Promise<void> {
    await this.#comeToRest()
    for (const partition of this.opened()) {
      await partition.log?.abandon()
      partition.end('KAFKA_STORAGE_ERROR')
    }
  }

  /** Nothing new is begun, and what was is done. */
  async #comeToRest(): Promise<void> {
    this.#isClosed = true
    this.#opening.close()
    this.#retries.close()
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
    this.#settle(assignment, state, now => this.#create(now))
  }

  /** Something has to be done for a log before it can be used. */
  async #recover(assignment: Assignment): Promise<void> {
    this.#settle(assignment, await this.#loadKnown(assignment), now => this.#recover(now))
  }

  /** Other than at a start, a disk that fails here takes this partition offline, and no other. */
  async #loadKnown(assignment: Assignment): Promise<LogState | DiskError> {
    const { identity } = assignment
    try {
      const folder = partitionFolderName(identity.topic, identity.partition)
      const doomed = await finishDeletions(this.#options, [folder], () =>
        this.#checkpoints.forget([identity], () => this.#checkpointed()),
      )
      for (const path of doomed) this.#housekeeping.removeLater(path, 0)
      return await loadKnownLog(identity, loadOptionsOf(assignment, this.#known), this.#tools)
    } catch (error) {
      if (!(error instanceof DiskError)) throw error
      const { path, code } = error
      if (!error.isPassing) {
        this.#options.world.log.error('A partition could not be opened and stays offline.', {
          ...{ directory: identity.directory, path, code },
        })
      }
      return error
    }
  }

  /** Puts a log in its place. Without room or a free file handle its partition is offline until there is one, not until a restart. */
  #settle(
    assignment: Assignment,
    state: LogState | DiskError,
    again: (assignment: Assignment) => Promise<void>,
  ): void {
    const partition = this.#add(assignment, state)
    if (!(state instanceof DiskError) || !state.isPassing) return
    const retry = () => this.#whileOffline(assignment, partition, again)
    if (this.#retries.add(partitionKey(partition), retry) === 'known') return
    const { path, code } = state
    this.#options.world.log.error(
      'A partition is offline for want of space or of file handles, until there is some.',
      { directory: assignment.identity.directory, path, code },
    )
  }

  /** Works at a partition that is offline, in turn with all other changes, until another takes its place. */
  #whileOffline(
    assignment: Assignment,
    offline: Partition,
    work: (assignment: Assignment) => Promise<void>,
  ): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#isClosed || !this.#isThere(offline)) return
      const topic = this.#image.topics.byId.get(offline.topicId) ?? assignment.topic
      const settings = this.#options.settingsOf(topic)
      const leaderEpoch = Math.max(assignment.leaderEpoch, offline.leaderEpoch)
      await work({ ...assignment, topic, settings, leaderEpoch })
      offline.end('KAFKA_STORAGE_ERROR')
      if (isInternalTopic(topic.name) && !this.#isOffline(offline)) this.#onReturn(this.#image)
    })
  }

  #isOffline({ topicId, partition }: Partition): boolean {
    return this.#partitions.get(topicId, partition)?.isOffline !== false
  }

  #isThere(partition: Partition): boolean {
    return this.#partitions.get(partition.topicId, partition.partition) === partition
  }

  /** In turn with all other changes, so that the folder of a topic that is being deleted does not come back. */
  async #makeFolder(identity: LogIdentity, partition: Partition): Promise<ErrorName> {
    if (this.#isClosed) return 'NOT_LEADER_OR_FOLLOWER'
    if (!this.#isThere(partition)) return 'UNKNOWN_TOPIC_OR_PARTITION'
    if (partition.hasFolder) return 'NONE'
    try {
      await makeLogFolder(identity, this.#tools)
    } catch (error) {
      if (!(error instanceof DiskError)) throw error
      const { path, code } = error
      const { log } = this.#options.world
      if (error.isPassing) {
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
      await this.#checkpoints.forget([identity], () => this.#checkpointed())
    } catch (error) {
      if (error instanceof DiskError) return error
      throw error
    }
    return loadKnownLog(identity, options, this.#tools)
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
      await this.#checkpoints.forget(gone, () => this.#checkpointed())
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
    this.#partitions.delete(partition)
    this.#retries.forget(partitionKey(partition))
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

function ignore(): void {
  return
}
