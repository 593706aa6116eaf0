/** Tells whose a data folder is before anything in it changes: what Kafka left is taken over on request, never by accident (L11). */
import { type FoundDirectory, LogDirectoryError } from '../log/log-directory.ts'
import type { MetadataImage } from '../metadata/image.ts'
import { imageOfKraft } from '../metadata/kraft-image.ts'
import { isKraftFolder, type KraftLog, readKraftLog } from '../metadata/kraft-log.ts'
import { METADATA_FOLDER } from '../metadata/metadata-log.ts'
import type { World } from '../world.ts'
import { describeFolders, surveyDataFolder } from './data-folder-survey.ts'

/** A data folder that Kafka was the last to use, read and found fit to be taken over. */
export interface KraftFolder {
  readonly log: KraftLog
  readonly image: MetadataImage
  readonly lastStop: 'clean' | 'unclean'
}

export interface InspectOptions {
  readonly world: World
  readonly path: string
  readonly nodeId: number
  readonly foreignLogs: 'adopt' | 'refuse'
}

/**
 * Undefined for a folder of ours, or an empty one. Rejects with a `LogDirectoryError` that says what was found: without `adopt` for every
 * folder of Kafka's, with it for one that cannot be taken over. Changes nothing.
 */
export async function inspectDataFolder(
  options: InspectOptions,
  found: FoundDirectory,
): Promise<KraftFolder | undefined> {
  const { world, path, nodeId, foreignLogs } = options
  const { disk } = world
  if (!(await isKraftFolder(disk, path))) {
    if (foreignLogs === 'refuse') await refuseBareLogs(options)
    return undefined
  }
  const { lastStop } = found
  const log = await readKraftLog(disk, path, lastStop)
  const image = imageOfKraft(log, { ...found, nodeId })
  const size = await sizeOf(options, image)
  const stop = lastStop === 'clean' ? 'stopped in order' : 'not stopped in order'
  const what = `${path} was last used by Kafka (cluster ${found.clusterId}, node ${nodeId}; ${size}; ${stop})`
  if (foreignLogs === 'refuse')
    throw new LogDirectoryError(
      `${what}: start with --adopt to take it over with all topics, records, offsets, groups, transactions and settings, or choose another folder with --data.`,
    )
  world.log.info(`Taking a folder over: ${what}.`)
  const rules = [...image.kept.keys()].filter(key => key.startsWith('access ')).length
  if (rules > 0)
    world.log.warn(
      `Kafka's metadata has ${rules} access control entries: they are kept, but this version of Varve does not enforce them.`,
    )
  return { log, image, lastStop }
}

/** Of what the metadata knows; a folder may be missing, and one that it does not know is left alone. */
async function sizeOf({ world, path }: InspectOptions, image: MetadataImage): Promise<string> {
  const sizes = new Map(
    (await surveyDataFolder(world.disk, path)).map(({ name, sizeBytes }) => [name, sizeBytes]),
  )
  return describeFolders(
    [...image.topics.byId.values()].flatMap(({ name: topic, partitions }) =>
      partitions.map((_, partition) => ({
        topic,
        sizeBytes: sizes.get(`${topic}-${partition}`) ?? 0,
      })),
    ),
  )
}

/** Logs without any metadata: somebody else's, or ours that lost it. */
async function refuseBareLogs({ world, path }: InspectOptions): Promise<void> {
  const metadata = (await world.disk.list(`${path}/${METADATA_FOLDER}`)) ?? []
  if (metadata.some(({ name }) => /\.(log|checkpoint)$/.test(name))) return
  const folders = await surveyDataFolder(world.disk, path)
  if (folders.length === 0) return
  throw new LogDirectoryError(
    `${path} has logs but no metadata (${describeFolders(folders)}): restore ${METADATA_FOLDER} from a copy, or start with --adopt to take the logs over as topics with default settings.`,
  )
}
