/** A broker, put together: the only file that knows all the parts, the order in which they start, and the order in which they stop. */
import { crc32c, nodeCodecs } from '@varve/protocol'
import { AssertionError } from './assert.ts'
import type { BrokerSettings } from './config/broker-settings.ts'
import type { ListenerSetting } from './config/listeners.ts'
import type { LoadedConfig } from './config/load.ts'
import { logSettingsOf } from './config/topic-settings.ts'
import { Coordinators, internalTopicOf } from './coordinators.ts'
import type { BrokerParts } from './handlers/broker-parts.ts'
import { handlers } from './handlers/index.ts'
import type { CompactionLimits } from './log/compaction/compaction-limits.ts'
import { defaultFlusherLimits, Flusher, type FlusherLimits } from './log/flusher.ts'
import { defaultJournalLimits, type JournalFileLimits } from './log/journal/journal-files.ts'
import { type OpenedJournal, openJournal, removeJournal } from './log/journal/recover.ts'
import { type LogDirectory, LogDirectoryError, openLogDirectory } from './log/log-directory.ts'
import type { LogLimits } from './log/log-limits.ts'
import { PooledDisk } from './log/pooled-disk.ts'
import { amend } from './metadata/amend.ts'
import { type LocalMetadataStore, openLocalMetadataStore } from './metadata/local-metadata-store.ts'
import { ProducerIdBlocks } from './metadata/producer-ids.ts'
import { changesOfStart } from './metadata/register.ts'
import { randomUuid } from './metadata/uuid.ts'
import { FetchSessions } from './purgatory/fetch-sessions.ts'
import { Purgatory } from './purgatory/purgatory.ts'
import { adoptKraftFolder } from './replication/adopt-kraft-folder.ts'
import { adoptStrays } from './replication/adopt-strays.ts'
import { inspectDataFolder, type KraftFolder } from './replication/foreign-folder.ts'
import { openPartitionDirectory } from './replication/open-partition-directory.ts'
import type { PartitionDirectory } from './replication/partition-directory.ts'
import type { RecoverForeignOptions } from './replication/recover-foreign-logs.ts'
import { allowAll } from './security/authorizer.ts'
import { ListenerEndpoints } from './server/endpoints.ts'
import { apiRangesOf } from './server/router.ts'
import { Server } from './server/server.ts'
import { serverLimitsOf } from './server/server-limits.ts'
import { DiskError, type World } from './world.ts'

export interface OpenBrokerOptions {
  readonly world: World
  readonly config: LoadedConfig
  /** The data folder: an absolute path. */
  readonly dataDirectory: string
  /** `memory`: a disk that keeps nothing needs no journal. */
  readonly storage: 'disk' | 'memory'
  /** What to do about logs in the data folder that are not this broker's own: without a word they are refused (L11). */
  readonly foreignLogs?: 'adopt' | 'refuse' | undefined
}

/** Answers that wait get this long when the broker stops. */
const DRAIN_MS = 10_000
/** And this long when its disk has failed: then all that is left to say is that. */
const FAILURE_DRAIN_MS = 500
/** A disk that hangs does not keep a broker from ending. */
const ABANDON_MS = 2_000

/** Starts a broker; resolves once it takes connections. Rejects with what `startFailure` makes a sentence of, and leaves nothing open behind. */
export async function openBroker(options: OpenBrokerOptions): Promise<Broker> {
  const { world, config } = options
  const { nodeId, clusterId } = config
  const foreignLogs = options.foreignLogs ?? 'refuse'
  const at = { world, path: options.dataDirectory, nodeId, foreignLogs }
  let kraft: KraftFolder | undefined
  const directory = await openLogDirectory({
    ...at,
    clusterId,
    inspect: async found => {
      kraft = await inspectDataFolder(at, found)
    },
  })
  let storage: Storage | undefined
  let coordinators: Coordinators | undefined
  try {
    storage = await openStorage(options, directory, kraft)
    const { metadata, partitions } = storage
    const { settings, nodeId: brokerId } = config
    coordinators = new Coordinators({ world, settings, brokerId, metadata, partitions })
    const server = serverOf(options, storage, coordinators)
    const listeners: OpenListener[] = []
    for (const setting of config.listeners) {
      const { port } = await server.listen(setting)
      listeners.push({
        name: setting.name,
        host: setting.host === '' ? 'localhost' : setting.host,
        port,
      })
    }
    return new Broker(options, { storage, coordinators, server, listeners })
  } catch (error) {
    coordinators?.stop()
    // A folder that was refused is as it was found.
    const isUntouched = error instanceof LogDirectoryError
    if (storage === undefined) await directory.close(isUntouched ? directory.lastStop : 'unclean')
    else await closeStorage(storage, world)
    throw error
  }
}

/** What holds the data: everything below the server. */
interface Storage {
  readonly directory: LogDirectory
  readonly brokerId: number
  readonly metadata: LocalMetadataStore
  readonly partitions: PartitionDirectory
  readonly flusher: Flusher
  readonly hasJournal: boolean
}

export interface OpenListener {
  readonly name: string
  readonly host: string
  readonly port: number
}

/** Recovers and opens, from the bottom up: journal, metadata, logs. What was opened before a failure is closed again. */
async function openStorage(
  options: OpenBrokerOptions,
  directory: LogDirectory,
  kraft: KraftFolder | undefined,
): Promise<Storage> {
  const { world, config, storage } = options
  if (kraft !== undefined) await adoptKraftFolder(foreignLogTools(options, directory), kraft)
  const journal =
    storage === 'memory'
      ? undefined
      : await openJournal(world, directory.path, journalLimits(config.settings))
  let metadata: LocalMetadataStore | undefined
  try {
    metadata = await openLocalMetadataStore({
      world,
      directory: directory.path,
      clusterId: directory.clusterId,
      nodeId: config.nodeId,
      lastStop: directory.lastStop,
      bytesBetweenSnapshots: config.settings.int('metadata.log.max.record.bytes.between.snapshots'),
      foreignLogs: options.foreignLogs,
    })
    if (options.foreignLogs === 'adopt' && kraft === undefined)
      await adoptStrays({
        ...foreignLogTools(options, directory),
        metadata,
        rules: {
          nodeId: config.nodeId,
          newTopicId: () => randomUuid(world.random),
          internalTopic: name => internalTopicOf(name, config.settings),
        },
      })
    return await openLogs(options, { directory, metadata, journal })
  } catch (error) {
    await Promise.allSettled([metadata?.close(), journal?.close()])
    throw error
  }
}

function foreignLogTools(
  { world, config }: OpenBrokerOptions,
  logDirectory: LogDirectory,
): RecoverForeignOptions {
  const limits = logLimits(config.settings)
  return { world, codecs: nodeCodecs(), crc32c, limits, logDirectory }
}

/** The logs, under leader epochs that a broker which was not stopped cleanly has bumped before. */
async function openLogs(
  { world, config, storage, foreignLogs }: OpenBrokerOptions,
  below: {
    readonly directory: LogDirectory
    readonly metadata: LocalMetadataStore
    readonly journal: OpenedJournal | undefined
  },
): Promise<Storage> {
  const { settings, nodeId } = config
  const { directory, metadata, journal: opened } = below
  const incarnationId = randomUuid(world.random)
  await amend(metadata, image => ({
    outcome: undefined,
    changes: changesOfStart(image, {
      brokerId: nodeId,
      incarnationId,
      endPoints: config.listeners.map(registeredEndPoint),
      rack: settings.text('broker.rack') ?? null,
      logDirs: [directory.directoryId],
      lastStop: directory.lastStop,
    }),
  }))
  settings.follow(metadata.image)
  let flusher: Flusher | undefined
  const disk = new PooledDisk(world.disk, settings.int('log.open.files.max'))
  const partitions = await openPartitionDirectory(
    {
      world: { ...world, disk },
      codecs: nodeCodecs(),
      crc32c,
      logDirectory: directory,
      brokerId: nodeId,
      limits: logLimits(settings),
      settingsOf: topic => logSettingsOf(topic, settings),
      removedTopicIds: metadata.removedTopicIds,
      recovered: opened?.recovered,
      startFlusher: async () => {
        flusher = new Flusher({
          world,
          directory: directory.path,
          journal: await opened?.start(),
          limits: flusherLimits(settings, storage),
          onFailure: error => world.fail(error),
        })
        return flusher
      },
    },
    metadata.image,
  )
  if (flusher === undefined) throw new AssertionError('the partition directory starts the flusher')
  // What Kafka has left lacks some of what our own stop leaves: nobody shall find it being completed.
  if (foreignLogs === 'adopt') await partitions.openAll()
  const hasJournal = opened !== undefined
  return { directory, brokerId: nodeId, metadata, partitions, flusher, hasJournal }
}

function serverOf(
  { world, config, dataDirectory }: OpenBrokerOptions,
  storage: Storage,
  coordinators: Coordinators,
): Server {
  const { settings, nodeId } = config
  const { metadata, partitions } = storage
  const fetchSessions = new FetchSessions(
    world,
    settings.int('max.incremental.fetch.session.cache.slots'),
  )
  const purgatory = new Purgatory(world.clock)
  metadata.onImage(async image => {
    settings.follow(image)
    await partitions.applyImage(image)
    coordinators.metadataChanged(image)
    fetchSessions.metadataChanged()
    purgatory.wakeAll()
  })
  partitions.onReturn(image => coordinators.metadataChanged(image))
  const broker: BrokerParts = {
    world,
    settings,
    brokerId: nodeId,
    clusterId: storage.directory.clusterId,
    dataDirectory,
    metadata,
    partitions,
    producerIds: new ProducerIdBlocks(metadata, nodeId),
    fetchSessions,
    purgatory,
    endpoints: new ListenerEndpoints({
      brokerId: nodeId,
      rack: settings.text('broker.rack') ?? null,
      metadata,
      advertised: new Map(config.listeners.map(({ name, advertised }) => [name, advertised])),
    }),
    groups: coordinators.groups,
    transactions: coordinators.transactions,
    markers: coordinators.markers,
    verifier: coordinators.verifier,
    apiRanges: apiRangesOf(handlers),
  }
  return new Server({ broker, handlers, authorizer: allowAll, limits: serverLimitsOf(settings) })
}

/** From the top down; only when every step succeeded is the stop a clean one. */
async function closeStorage(storage: Storage, world: World): Promise<void> {
  const { directory, brokerId, metadata, partitions, flusher, hasJournal } = storage
  try {
    await flusher.close()
    await partitions.close()
    await metadata.close()
    if (hasJournal) await removeJournal(world, directory.path)
  } catch (error) {
    await abandonStorage(storage)
    throw error
  }
  const brokerEpoch = metadata.image.brokers.get(brokerId)?.brokerEpoch ?? -1
  await directory.close({ brokerEpoch })
}

/** As after a crash, but for the files, which are closed: the process may live on, and another broker may take the folder over. */
async function abandonStorage(storage: Storage): Promise<void> {
  const { directory, metadata, partitions, flusher } = storage
  await Promise.allSettled([flusher.abandon(), partitions.abandon(), metadata.close()])
  await directory.close('unclean')
}

export class Broker {
  readonly clusterId: string
  readonly dataDirectory: string
  readonly listeners: readonly OpenListener[]
  readonly flushMode: 'durable' | 'relaxed'
  readonly #world: World
  readonly #storage: Storage
  readonly #coordinators: Coordinators
  readonly #server: Server
  #ending: Promise<void> | undefined

  constructor(
    options: OpenBrokerOptions,
    parts: {
      readonly storage: Storage
      readonly coordinators: Coordinators
      readonly server: Server
      readonly listeners: readonly OpenListener[]
    },
  ) {
    this.#world = options.world
    this.#storage = parts.storage
    this.#coordinators = parts.coordinators
    this.#server = parts.server
    this.listeners = parts.listeners
    this.dataDirectory = options.dataDirectory
    this.clusterId = parts.storage.directory.clusterId
    this.flushMode =
      options.config.settings.text('flush.mode') === 'relaxed' ? 'relaxed' : 'durable'
  }

  /** Where it listens, as `host:port`. */
  get addresses(): readonly string[] {
    return this.listeners.map(
      ({ host, port }) => `${host.includes(':') ? `[${host}]` : host}:${port}`,
    )
  }

  /** The clean stop: no new connections, the answers that wait, everything synced, and a mark that says so. */
  stop(): Promise<void> {
    this.#ending ??= this.#stop()
    return this.#ending
  }

  async #stop(): Promise<void> {
    // Who waits for others to join a group would hold up the end.
    this.#coordinators.stop()
    await this.#server.stop(DRAIN_MS)
    await closeStorage(this.#storage, this.#world)
  }

  /** The end after a failure: who waits learns what can be said, the folder is let go as it is, and the next start recovers. */
  abort(reason: Error): Promise<void> {
    this.#ending ??= this.#abort(reason)
    return this.#ending
  }

  async #abort(reason: Error): Promise<void> {
    this.#coordinators.stop()
    // After a bug nothing may be said any more; after a failed disk that is just what clients have to know.
    if (reason instanceof DiskError) await this.#server.stop(FAILURE_DRAIN_MS)
    else this.#server.destroy()
    const tooLong = new Promise<void>(resolve => this.#world.clock.after(ABANDON_MS, resolve))
    await Promise.race([abandonStorage(this.#storage), tooLong])
  }
}

function registeredEndPoint({ name, host, port, advertised }: ListenerSetting): {
  name: string
  host: string
  port: number
  securityProtocol: number
} {
  return {
    name,
    host: advertised?.host ?? host,
    port: advertised?.port ?? port,
    securityProtocol: 0,
  }
}

/** A tenth of a second to scan, and the indexes of all the segment to write each time. */
const RECOVERY_MARK_BYTES = 64 * 1024 * 1024

function logLimits(settings: BrokerSettings): LogLimits {
  return {
    tailCacheBytes: settings.int('log.tail.cache.bytes'),
    retentionCheckIntervalMs: settings.int('log.retention.check.interval.ms'),
    // These may be changed at run time.
    get producerIdExpirationMs() {
      return settings.int('producer.id.expiration.ms')
    },
    producerIdExpirationCheckIntervalMs: settings.int('producer.id.expiration.check.interval.ms'),
    producerIdsMax: settings.int('producer.ids.max'),
    journalInlineBytesMax: settings.int('journal.inline.batch.max.bytes'),
    recoveryMarkBytes: RECOVERY_MARK_BYTES,
    checkpointIntervalMs: settings.int('log.flush.offset.checkpoint.interval.ms'),
    // Read anew for each cleaning: these may be changed at run time.
    get compaction() {
      return compactionLimits(settings)
    },
    get scrubbing() {
      return {
        bytesPerSecondMax: settings.int('log.scrub.max.bytes.per.second'),
        intervalMs: settings.int('log.scrub.interval.ms'),
      }
    },
  }
}

function compactionLimits(settings: BrokerSettings): CompactionLimits {
  return {
    isEnabled: settings.boolean('log.cleaner.enable'),
    backoffMs: settings.int('log.cleaner.backoff.ms'),
    mapBytesMax: settings.int('log.cleaner.dedupe.buffer.size'),
    mapLoadMax: settings.number('log.cleaner.io.buffer.load.factor'),
    readBytes: settings.int('log.cleaner.io.buffer.size'),
    bytesPerSecondMax: settings.number('log.cleaner.io.max.bytes.per.second'),
  }
}

function flusherLimits(settings: BrokerSettings, storage: 'disk' | 'memory'): FlusherLimits {
  return {
    ...defaultFlusherLimits,
    unsyncedBytes: settings.int('journal.segment.sync.bytes'),
    unsyncedMs: settings.int('journal.segment.sync.interval.ms'),
    ...(storage === 'memory' ? { reserve: undefined, poolWriteBytes: undefined } : {}),
  }
}

function journalLimits(settings: BrokerSettings): JournalFileLimits {
  const fileBytes = settings.int('journal.file.bytes')
  return {
    ...defaultJournalLimits,
    fileBytes,
    firstFileBytes: Math.min(fileBytes, defaultJournalLimits.firstFileBytes),
  }
}
