/**
 * The data folder as a whole: its lock, and the two files by which brokers know it. `meta.properties` says whose it is, in
 * Kafka's form with one line of ours; `.kafka_cleanshutdown` stands there between a clean stop and the next start, so that
 * a Kafka broker need not recover either.
 */
import { Buffer } from 'node:buffer'
import { parseProperties } from '../config/properties.ts'
import { randomUuid } from '../metadata/uuid.ts'
import type { DirectoryLock, World } from '../world.ts'

const META = 'meta.properties'
const CLEAN_STOP = '.kafka_cleanshutdown'
/** Our line in `meta.properties`. Kafka reads past it. */
const FORMAT_KEY = 'varve.format'
const FORMAT = '1'

/** The folder is not one that this broker may open. The message is one clear sentence. */
export class DataFolderError extends Error {
  override readonly name = 'DataFolderError'
}

export interface DataFolderOptions {
  readonly world: World
  readonly directory: string
  readonly nodeId: number
  /** What a new folder gets, and what an old one must have; undefined: a random one. */
  readonly clusterId: string | undefined
  /** Whether a folder that Kafka wrote may be taken over. */
  readonly adoption: 'allowed' | 'refused'
}

export interface DataFolder {
  readonly clusterId: string
  /** Says that everything in it is synced, and lets it go. */
  closeCleanly(): Promise<void>
  /** Lets it go as it is: the next start recovers. */
  release(): Promise<void>
}

/** Takes the folder, making it when it is new. Rejects with a `DiskError` or a `DataFolderError`. */
export async function openDataFolder(options: DataFolderOptions): Promise<DataFolder> {
  const { world, directory } = options
  await world.disk.makeDirectory(directory)
  const lock = await world.disk.lock(directory)
  try {
    const clusterId = await identify(options)
    if ((await world.disk.readFile(`${directory}/${CLEAN_STOP}`)) !== undefined) {
      await world.disk.remove(`${directory}/${CLEAN_STOP}`)
      await world.disk.syncDirectory(directory)
    }
    return folderOf(options, { lock, clusterId })
  } catch (error) {
    await lock.release()
    throw error
  }
}

function folderOf(
  { world, directory }: DataFolderOptions,
  { lock, clusterId }: { readonly lock: DirectoryLock; readonly clusterId: string },
): DataFolder {
  return {
    clusterId,
    closeCleanly: async () => {
      await world.disk.writeFileAtomically(`${directory}/${CLEAN_STOP}`, Buffer.from('{"version":0,"brokerEpoch":-1}'))
      await lock.release()
    },
    release: () => lock.release(),
  }
}

async function identify(options: DataFolderOptions): Promise<string> {
  const { world, directory, nodeId, clusterId } = options
  const content = await world.disk.readFile(`${directory}/${META}`)
  if (content === undefined) {
    const made = clusterId ?? randomUuid(world.random)
    await writeMeta(options, { clusterId: made, directoryId: randomUuid(world.random) })
    return made
  }
  const found = parseProperties(content.toString('utf8'))
  const foundCluster = found.get('cluster.id') ?? ''
  const foundNode = found.get('node.id') ?? found.get('broker.id')
  if (found.get(FORMAT_KEY) === undefined) {
    if (options.adoption === 'refused') {
      throw new DataFolderError(
        `${directory} was written by Kafka; set log.adopt.enable=true to take it over, or choose another folder.`,
      )
    }
    await writeMeta(options, { clusterId: foundCluster, directoryId: found.get('directory.id') ?? randomUuid(world.random) })
  } else if (found.get(FORMAT_KEY) !== FORMAT) {
    throw new DataFolderError(`${directory} was written by a newer version of Varve.`)
  }
  if (foundNode !== undefined && Number(foundNode) !== nodeId) {
    throw new DataFolderError(`${directory} belongs to the broker with node.id ${foundNode}, and this one has ${nodeId}.`)
  }
  if (clusterId !== undefined && clusterId !== foundCluster) {
    throw new DataFolderError(`${directory} belongs to the cluster ${foundCluster}, and this broker was told ${clusterId}.`)
  }
  return foundCluster
}

async function writeMeta(
  { world, directory, nodeId }: DataFolderOptions,
  ids: { readonly clusterId: string; readonly directoryId: string },
): Promise<void> {
  const lines = [
    `node.id=${nodeId}`,
    `directory.id=${ids.directoryId}`,
    'version=1',
    `cluster.id=${ids.clusterId}`,
    `${FORMAT_KEY}=${FORMAT}`,
  ]
  await world.disk.writeFileAtomically(`${directory}/${META}`, Buffer.from(`${lines.join('\n')}\n`))
}
