/** Verifies a data folder: its own files, and each log in it. Nothing is changed. */
import type { Disk, World } from '../../world.ts'
import { type Checkpoint, type CheckpointName, decodeCheckpoint } from '../checkpoint-file.ts'
import type { RecoveredLog } from '../journal/entry.ts'
import { defaultJournalLimits } from '../journal/journal-files.ts'
import { JOURNAL_DIRECTORY, openJournal, type RecoveredJournal } from '../journal/recover.ts'
import { readPartitionMetadata } from '../partition-metadata.ts'
import { parseProperties } from '../properties-file.ts'
import { unsyncedPart } from '../restore-segments.ts'
import { parsePartitionFolderName } from '../segment-files.ts'
import type { Finding } from './finding.ts'
import { type VerifiedLog, type VerifyTools, verifyLog } from './verify-log.ts'

const METADATA_TOPIC = '__cluster_metadata'
const CLEAN_STOP = '.kafka_cleanshutdown'
const NO_LOG = { segmentCount: 0, batchCount: 0, sizeBytes: 0, startOffset: 0, endOffset: 0 }

/** What is to be looked at, and what with. */
export interface VerifyOptions {
  readonly world: World
  /** The data folder: an absolute path. */
  readonly directory: string
  /** `orders` for all partitions of a topic, `orders-3` for one; none for everything. */
  readonly wanted: readonly string[]
  readonly crc32c: VerifyTools['crc32c']
  /** What is wrong beside the segments of the metadata log, which the logs of partitions do not have. */
  readonly metadataFindings: (log: WalkedLog, disk: Disk) => Promise<readonly Finding[]>
}

/** A log whose segments were walked over. */
export interface WalkedLog {
  /** The absolute path of its folder, and its name in the data folder. */
  readonly directory: string
  readonly folder: string
  readonly startOffset: number
  readonly endOffset: number
}

/** The data folder itself first (its `folder` is empty), then log by log, by name. Rejects with a `DiskError` when something cannot be read. */
export async function* verifyData(options: VerifyOptions): AsyncGenerator<VerifiedLog, void, void> {
  const journal = await openJournal(options.world, options.directory, defaultJournalLimits)
  try {
    const data = await readData(options, journal.recovered)
    const folders = await foldersOf(options)
    const missing = missingLogs(data, folders, options.wanted)
    yield { folder: '', ...NO_LOG, findings: [...data.findings, ...missing] }
    for (const folder of folders) yield await verifyOne(folder, data, options)
  } finally {
    await journal.close()
  }
}

async function verifyOne(
  folder: string,
  data: DataFolder,
  options: VerifyOptions,
): Promise<VerifiedLog> {
  const log = await logOf(folder, data, options)
  const verified = await verifyLog(log, { ...options, disk: options.world.disk })
  const named = { ...data, folder, directory: log.directory }
  const beside = await findingsBeside(named, verified, options)
  const metadata =
    log.kind === 'metadata'
      ? await options.metadataFindings(
          { ...verified, directory: log.directory },
          options.world.disk,
        )
      : []
  return { ...verified, findings: [...verified.findings, ...beside, ...metadata] }
}

/** The folders of logs that are wanted, by name; nothing for a folder that is no data folder. */
export async function foldersOf({
  world,
  directory,
  wanted,
}: Pick<VerifyOptions, 'world' | 'directory' | 'wanted'>): Promise<readonly string[]> {
  const entries = (await world.disk.list(directory)) ?? []
  return entries
    .filter(({ name, isDirectory }) => isDirectory && isWanted(name, wanted))
    .map(({ name }) => name)
}

function isWanted(folder: string, wanted: readonly string[]): boolean {
  const log = parsePartitionFolderName(folder)
  if (log === undefined) return false
  return wanted.length === 0 || wanted.some(name => name === folder || name === log.topic)
}

const CHECKPOINTS = [
  'recovery-point-offset-checkpoint',
  'replication-offset-checkpoint',
  'log-start-offset-checkpoint',
  'cleaner-offset-checkpoint',
] as const satisfies readonly CheckpointName[]

/** Where one of these is damaged, a start looks through all logs that were not closed in order. */
const BELIEVED = [
  'recovery-point-offset-checkpoint',
  'log-start-offset-checkpoint',
  'cleaner-offset-checkpoint',
] as const satisfies readonly CheckpointName[]

interface DataFolder {
  readonly lastStop: 'clean' | 'unclean'
  readonly checkpoints: ReadonlyMap<CheckpointName, Checkpoint>
  readonly recoveredOf: (topicId: string, partition: number) => RecoveredLog | undefined
  readonly findings: readonly Finding[]
}

async function readData(
  { world, directory }: VerifyOptions,
  recovered: RecoveredJournal,
): Promise<DataFolder> {
  const { disk } = world
  const findings: Finding[] = []
  const checkpoints = new Map<CheckpointName, Checkpoint>()
  for (const name of CHECKPOINTS) {
    const content = await disk.readFile(`${directory}/${name}`)
    const checkpoint = content === undefined ? new Map() : decodeCheckpoint(content)
    if (checkpoint === undefined) findings.push(senseless(name))
    else checkpoints.set(name, checkpoint)
  }
  const properties = await disk.readFile(`${directory}/meta.properties`)
  if (properties === undefined || parseProperties(properties).get('cluster.id') === undefined)
    findings.push(senseless('meta.properties'))
  if (recovered.isDamaged)
    findings.push(
      finding('damaged journal', JOURNAL_DIRECTORY, 'A group before the last is damaged.'),
    )
  const isMarked = (await disk.readFile(`${directory}/${CLEAN_STOP}`)) !== undefined
  return {
    lastStop: isMarked && !recovered.isUnclean ? 'clean' : 'unclean',
    checkpoints,
    recoveredOf: (topicId, partition) => recovered.get({ topicId, partition }),
    findings,
  }
}

async function logOf(folder: string, data: DataFolder, { world, directory }: VerifyOptions) {
  const path = `${directory}/${folder}`
  const { topic, partition } = parsePartitionFolderName(folder) as {
    readonly topic: string
    readonly partition: number
  }
  const of = (name: CheckpointName): number => data.checkpoints.get(name)?.get(folder) ?? 0
  const recoveryPoint = of('recovery-point-offset-checkpoint')
  const cleanedTo = of('cleaner-offset-checkpoint')
  const topicId = await readPartitionMetadata(world.disk, path)
  const recovered = topicId === undefined ? undefined : data.recoveredOf(topicId, partition)
  return {
    directory: path,
    folder,
    kind: topic === METADATA_TOPIC ? ('metadata' as const) : ('partition' as const),
    lastStop: data.lastStop,
    recoveryPoint,
    logStartOffset: of('log-start-offset-checkpoint'),
    cleanedTo,
    isSuspect: !BELIEVED.every(name => data.checkpoints.has(name)),
    recovered: recovered && unsyncedPart(recovered, Math.max(recoveryPoint, cleanedTo)),
  }
}

/** Logs that a clean stop has left with records, and that have no folder any more. Without that stop a topic may have been deleted since. */
function missingLogs(
  { checkpoints, lastStop }: DataFolder,
  folders: readonly string[],
  wanted: readonly string[],
): readonly Finding[] {
  if (lastStop === 'unclean') return []
  const starts = checkpoints.get('log-start-offset-checkpoint')
  const ends = checkpoints.get('recovery-point-offset-checkpoint') ?? new Map<string, number>()
  return [...ends].flatMap(([folder, offset]) => {
    const start = starts?.get(folder) ?? 0
    if (offset <= start || folders.includes(folder) || !isWanted(folder, wanted)) return []
    const about = `There is no such folder, and recovery-point-offset-checkpoint says that the log held the offsets ${start} to ${offset}.`
    return [{ ...finding('lost records', folder, about), offset: start }]
  })
}

/** What the checkpoints say of the log, and whose it is. */
async function findingsBeside(
  { folder, directory, checkpoints, lastStop }: DataFolder & { folder: string; directory: string },
  { endOffset, findings }: VerifiedLog,
  { world }: VerifyOptions,
): Promise<readonly Finding[]> {
  const found: Finding[] = []
  const isWhole = findings.every(({ kind }) => kind !== 'corruption' && kind !== 'lost records')
  // What the recovery point says was held against the log itself.
  for (const name of CHECKPOINTS.slice(1)) {
    const offset = checkpoints.get(name)?.get(folder) ?? 0
    if (offset <= endOffset || !isWhole) continue
    const about = `It says ${offset} of ${folder}, which ends at offset ${endOffset}.`
    if (lastStop === 'clean') found.push({ ...finding('wrong checkpoint', name, about), offset })
    else if (name !== 'cleaner-offset-checkpoint')
      found.push({ ...finding('fewer records', name, about), offset })
  }
  const topicId = await readPartitionMetadata(world.disk, directory)
  if (topicId === '') found.push(senseless(`${folder}/partition.metadata`))
  return found
}

function senseless(file: string): Finding {
  return finding('damaged file', file, 'It cannot be read, or does not say what it should.')
}

function finding(kind: Finding['kind'], file: string, about: string): Finding {
  return { kind, file, position: undefined, offset: undefined, about }
}
