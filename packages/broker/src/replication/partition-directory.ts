/** All partitions of this broker: brought in line with the metadata image, loaded, looked after, and closed. */
import type { Codecs, Crc32c, ErrorName } from '@varve/protocol'
import { isInternalTopic } from '../config/internal-topics.ts'
import type { LogFlusher } from '../log/dirty-log.ts'
import type { RecoveredLog } from '../log/journal/entry.ts'
import type { LogDirectory } from '../log/log-directory.ts'
import type { LogLimits } from '../log/log-limits.ts'
import type { LogSettings } from '../log/log-settings.ts'
import type { LogIdentity, LogState } from '../log/log-state.ts'
import type { LogTools } from '../log/log-tools.ts'
import { partitionFolderName } from '../log/segment-files.ts'
import type { MetadataImage, TopicImage } from '../metadata/image.ts'
import { DiskError, type World } from '../world.ts'
import { type Assignment, assignmentsOf, partitionKey } from './assignment.ts'
import type { CheckpointedLog, Checkpoints } from './checkpoints.ts'
import { Housekeeping } from './housekeeping.ts'
import { inParallel } from './in-parallel.ts'
import { LateLoads } from './late-loads.ts'
import { LazyOpening } from './lazy-opening.ts'
import { type KnownLogs, noteUnloaded } from './load-known-log.ts'
import { makePartitionFolder } from './make-partition-folder.ts'
import { OfflineRetries } from './offline-retries.ts'
import { Partition } from './partition.ts'
import { PartitionIndex } from './partition-index.ts'
import { PartitionRemoval } from './partition-removal.ts'
import { Turns } from './turns.ts'
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
  readonly #loads: LateLoads
  readonly #removal: PartitionRemoval
  readonly #housekeeping: Housekeeping
  /** Those that are open, or offline. */
  readonly #partitions = new PartitionIndex()
  /** What the partitions are in line with. */
  #image: MetadataImage
  readonly #retries: OfflineRetries
  /** Changes of what is there: else the folder of a topic that is being deleted could come back. */
  readonly #turns = new Turns()
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
    const { world, limits, logDirectory } = options
    const checkpointed = () => this.#checkpointed()
    const quota = tools.producerQuota
    const housekeeping = new Housekeeping(
      { world, limits, tools, checkpoints, quota, checkpointed },
      () => this.opened(),
    )
    this.#housekeeping = housekeeping
    this.#loads = new LateLoads({ folders: options, tools, known, checkpointed, housekeeping })
    this.#removal = new PartitionRemoval({
      ...{ world, logDirectory, checkpoints, checkpointed, housekeeping },
    })
    const { clock, fail } = world
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
    await this.#turns.over
  }

  #open(closed: Assignment): void {
    const { directory } = closed.identity
    const state = this.#loads.openNow(closed) ?? new DiskError('open', directory, 'EAGAIN')
    const partition = this.#add(closed, state)
    if (!(state instanceof DiskError)) return
    const { fail } = this.#options.world
    this.#whileOffline(closed, partition, now => this.#recover(now)).catch(fail)
  }

  /**
   * Takes over a new image: makes logs for new partitions, deletes those of topics that were removed (an image knows every topic that
   * was created, so one that is missing was removed by a record), and passes on epochs and settings. Resolves when all that is done.
   */
  applyImage(image: MetadataImage): Promise<void> {
    return this.#turns.take(() => this.#apply(image))
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
    for (const partition of gone) this.#takeOut(partition)
    if (gone.length > 0) await this.#removal.remove(gone)
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
        makeFolder: () => this.#turns.take(() => this.#makeFolder(identity, partition)),
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
    await this.#turns.over
    await this.#housekeeping.close()
  }

  async #create(assignment: Assignment): Promise<void> {
    this.#settle(assignment, await this.#loads.makeNew(assignment), now => this.#create(now))
  }

  async #recover(assignment: Assignment): Promise<void> {
    this.#settle(assignment, await this.#loads.recover(assignment), now => this.#recover(now))
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
    return this.#turns.take(async () => {
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

  async #makeFolder(identity: LogIdentity, partition: Partition): Promise<ErrorName> {
    if (this.#isClosed) return 'NOT_LEADER_OR_FOLLOWER'
    if (!this.#isThere(partition)) return 'UNKNOWN_TOPIC_OR_PARTITION'
    return await makePartitionFolder(identity, partition, this.#tools)
  }

  #takeOut(partition: Partition): void {
    this.#partitions.delete(partition)
    this.#retries.forget(partitionKey(partition))
    partition.end('UNKNOWN_TOPIC_OR_PARTITION' satisfies ErrorName)
    if (partition.log !== undefined) this.#tools.flusher.forget(partition.log)
  }
}

function ignore(): void {
  return
}
