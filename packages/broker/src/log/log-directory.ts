import { type DirectoryLock, DiskError, type World } from '../world.ts'
import {
  type Checkpoint,
  type CheckpointEntry,
  type CheckpointName,
  decodeCheckpoint,
  encodeCheckpoint,
} from './checkpoint-file.ts'
import { formatProperties, parseProperties } from './properties-file.ts'

const META_PROPERTIES = 'meta.properties'
const CLEAN_STOP = '.kafka_cleanshutdown'
const JOURNAL = '__journal'

export interface LogDirectoryOptions {
  readonly world: World
  readonly path: string
  readonly nodeId: number
  /** The cluster that the operator named; undefined: the one of the folder, or a new one. */
  readonly clusterId: string | undefined
  /** `adopt`: logs without an identity beside them are taken for this broker's own, as somebody asked for. */
  readonly foreignLogs?: 'adopt' | 'refuse' | undefined
  /** Looks at the folder while it is held and before anything in it changes; a rejection leaves it as it was. */
  readonly inspect?: ((found: FoundDirectory) => Promise<void>) | undefined
}

/** A data folder as it was found. */
export interface FoundDirectory extends Identity {
  readonly lastStop: 'clean' | 'unclean'
}

/** A data folder that cannot be used, in a sentence for the operator. */
export class LogDirectoryError extends Error {
  override readonly name = 'LogDirectoryError'
}

/**
 * One data folder: taken for this process alone, with an identity (`meta.properties`), the mark of a clean stop, and Kafka's
 * checkpoint files. The folders of partitions in it are `PartitionDirectory`'s.
 */
export class LogDirectory {
  readonly path: string
  readonly clusterId: string
  /** Identifies the folder itself (KIP-858). */
  readonly directoryId: string
  /** `clean`: what the folder holds was closed in order and need not be looked through. A new folder is clean. */
  readonly lastStop: 'clean' | 'unclean'
  readonly #world: World
  readonly #lock: DirectoryLock

  constructor(
    world: World,
    path: string,
    found: { identity: Identity; lastStop: 'clean' | 'unclean'; lock: DirectoryLock },
  ) {
    this.#world = world
    this.path = path
    this.clusterId = found.identity.clusterId
    this.directoryId = found.identity.directoryId
    this.lastStop = found.lastStop
    this.#lock = found.lock
  }

  /** A checkpoint file; empty when it is missing. A damaged one is a reason to look at every log, so it is reported as such. */
  async readCheckpoint(name: CheckpointName): Promise<Checkpoint | 'damaged'> {
    const content = await this.#world.disk.readFile(`${this.path}/${name}`)
    if (content === undefined) return new Map()
    return decodeCheckpoint(content) ?? 'damaged'
  }

  /** Replaces a checkpoint file, durably. */
  async writeCheckpoint(name: CheckpointName, entries: readonly CheckpointEntry[]): Promise<void> {
    await this.#world.disk.writeFileAtomically(`${this.path}/${name}`, encodeCheckpoint(entries))
  }

  /**
   * Gives the folder up. `clean` leaves the mark that lets the next start trust it: say so only when everything in it is closed and synced.
   * A broker that is registered says under which epoch: by that Kafka knows that the mark is of the stop which its metadata speaks of.
   */
  async close(stop: 'clean' | 'unclean' | { readonly brokerEpoch: number }): Promise<void> {
    if (stop !== 'unclean') {
      const brokerEpoch = stop === 'clean' ? -1 : stop.brokerEpoch
      const content = JSON.stringify({ version: 0, brokerEpoch })
      await this.#world.disk.writeFileAtomically(`${this.path}/${CLEAN_STOP}`, Buffer.from(content))
    }
    await this.#lock.release()
  }
}

interface Identity {
  readonly clusterId: string
  readonly directoryId: string
}

/**
 * Takes the folder, which is made when it is missing. Rejects with a `LogDirectoryError` when it belongs to another cluster or node,
 * and with a `DiskError` (`ELOCKED`, `EACCES`, ...) when it cannot be taken. The mark of the last clean stop is gone afterwards, durably.
 */
export async function openLogDirectory(options: LogDirectoryOptions): Promise<LogDirectory> {
  const { world, path } = options
  await world.disk.makeDirectory(path)
  const lock = await world.disk.lock(path)
  try {
    const { identity, change, isNew } = await identify(options)
    const stop = await findLastStop(world, path)
    await options.inspect?.({ ...identity, lastStop: stop.lastStop })
    if (isNew) await syncParents(world, path)
    if (change !== undefined) await writeIdentity(options, identity, change)
    await takeCleanStop(world, path, stop.isMarked)
    const lastStop = isNew ? 'clean' : stop.lastStop
    return new LogDirectory(world, path, { identity, lastStop, lock })
  } catch (error) {
    await lock.release()
    throw error
  }
}

interface Identified {
  readonly identity: Identity
  /** The lines of the file beside the identity, when it is to be written. */
  readonly change: ReadonlyMap<string, string> | undefined
  readonly isNew: boolean
}

async function identify(options: LogDirectoryOptions): Promise<Identified> {
  const { world, path, nodeId } = options
  const content = await world.disk.readFile(`${path}/${META_PROPERTIES}`)
  if (content === undefined) {
    const made = {
      clusterId: options.clusterId ?? randomUuid(world),
      directoryId: randomUuid(world),
    }
    const log = await firstLogIn(world, path)
    if (log !== undefined && options.foreignLogs !== 'adopt')
      throw new LogDirectoryError(
        `${path} holds logs (${log}) but no ${META_PROPERTIES} that says whose; start with --adopt to take them over as they are.`,
      )
    return { identity: made, change: new Map(), isNew: log === undefined }
  }
  const properties = parseProperties(content)
  const clusterId = properties.get('cluster.id')
  const foundNode = properties.get('node.id') ?? properties.get('broker.id')
  // Version 0 is that of a Kafka which had its metadata in ZooKeeper.
  const version = properties.get('version')
  const isKnown = version === '1' || (version === '0' && options.foreignLogs === 'adopt')
  if (!isKnown || clusterId === undefined || foundNode === undefined) {
    throw new LogDirectoryError(`${path}/${META_PROPERTIES} is not one that this broker can read.`)
  }
  if (foundNode !== String(nodeId))
    throw new LogDirectoryError(
      `${path} belongs to node ${foundNode}, not to node ${nodeId}; start with node.id=${foundNode} to use it.`,
    )
  if (options.clusterId !== undefined && options.clusterId !== clusterId) {
    throw new LogDirectoryError(
      `${path} belongs to cluster ${clusterId}, not to cluster ${options.clusterId}.`,
    )
  }
  const directoryId = properties.get('directory.id')
  if (directoryId !== undefined && version === '1')
    return { identity: { clusterId, directoryId }, change: undefined, isNew: false }
  const completed = { clusterId, directoryId: directoryId ?? randomUuid(world) }
  return { identity: completed, change: properties, isNew: false }
}

/** Logs without an identity beside them belong to somebody who is not known: they are not mixed with ours (L11). */
async function firstLogIn(world: World, path: string): Promise<string | undefined> {
  const entries = (await world.disk.list(path)) ?? []
  return entries.find(({ name, isDirectory }) => isDirectory && /-\d+$/.test(name))?.name
}

/** L7: whoever made the folder, and those that it lies in, they are on the disk before anything in it is promised. */
async function syncParents(world: World, path: string): Promise<void> {
  for (let child = path; child !== '/'; ) {
    const parent = child.slice(0, Math.max(1, child.lastIndexOf('/')))
    try {
      await world.disk.syncDirectory(parent)
    } catch (error) {
      // A folder that may not be read, or that cannot be synced, is not one that we have made.
      if (error instanceof DiskError && UNSYNCABLE.has(error.code)) return
      throw error
    }
    child = parent
  }
}

const UNSYNCABLE: ReadonlySet<string> = new Set(['EACCES', 'EPERM', 'EINVAL', 'ENOTSUP', 'EROFS'])

async function writeIdentity(
  options: LogDirectoryOptions,
  identity: Identity,
  others: ReadonlyMap<string, string>,
): Promise<void> {
  const properties = new Map([
    ...others,
    ['version', '1'],
    ['cluster.id', identity.clusterId],
    ['node.id', String(options.nodeId)],
    ['directory.id', identity.directoryId],
  ] as const)
  await options.world.disk.writeFileAtomically(
    `${options.path}/${META_PROPERTIES}`,
    formatProperties(properties),
  )
}

async function findLastStop(
  world: World,
  path: string,
): Promise<{ readonly lastStop: 'clean' | 'unclean'; readonly isMarked: boolean }> {
  const isMarked = (await world.disk.readFile(`${path}/${CLEAN_STOP}`)) !== undefined
  // A journal beside the mark: somebody began to write and did not come to the end.
  const hasJournal = (await world.disk.list(`${path}/${JOURNAL}`)) !== undefined
  return { lastStop: isMarked && !hasJournal ? 'clean' : 'unclean', isMarked }
}

async function takeCleanStop(world: World, path: string, isMarked: boolean): Promise<void> {
  if (!isMarked) return
  await world.disk.remove(`${path}/${CLEAN_STOP}`)
  await world.disk.syncDirectory(path)
}

/** Kafka's text form of a random uuid: 22 characters, never beginning with a dash. */
function randomUuid(world: World): string {
  for (;;) {
    const bytes = Buffer.from(world.random.bytes(16))
    bytes[6] = ((bytes[6] as number) & 0x0f) | 0x40
    bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80
    const text = bytes.toString('base64url')
    if (!text.startsWith('-')) return text
  }
}
