/** Opening all partitions of a data folder: what has to be done at once, and what can wait until somebody asks. */
import { isInternalTopic } from '../config/internal-topics.ts'
import type { LogState } from '../log/log-state.ts'
import type { LoadTools } from '../log/log-tools.ts'
import { openWholeLog } from '../log/open-whole-log.ts'
import { ProducerQuota } from '../log/producer-quota.ts'
import { ReadBuffers } from '../log/read-buffers.ts'
import { partitionFolderName } from '../log/segment-files.ts'
import { TailCache } from '../log/tail-cache.ts'
import type { MetadataImage } from '../metadata/image.ts'
import { DiskError } from '../world.ts'
import { type Assignment, assignmentsOf, partitionKey } from './assignment.ts'
import { Breath } from './breath.ts'
import { Checkpoints } from './checkpoints.ts'
import { inParallel } from './in-parallel.ts'
import { type KnownLogs, loadKnownLog, loadOptionsOf } from './load-known-log.ts'
import { PartitionDirectory, type PartitionDirectoryOptions } from './partition-directory.ts'
import { tendFolders } from './partition-folders.ts'
import { UnopenedLogs } from './unopened-logs.ts'

/** How long the loading of logs goes on without a break: signals are to be heard, and nobody is served yet. */
const BREATH_MS = 50

/**
 * Loads the partitions of the image and then starts the flusher. A partition that cannot be loaded is there and offline, for good or until the reason
 * has passed; a folder that the
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
  const known: KnownLogs = {
    checkpoints,
    lastStop: logDirectory.lastStop,
    recovered: options.recovered,
  }
  const closed = new Map([...wanted].filter(([, assignment]) => mayStayClosed(assignment, known)))
  const nameOf = ({ identity }: Assignment) =>
    partitionFolderName(identity.topic, identity.partition)
  const names = await tendFolders(options, checkpoints, {
    known: new Set([...wanted.values()].map(nameOf)),
    trusted: new Set([...closed.values()].map(nameOf)),
  })
  const unopened = new UnopenedLogs()
  for (const assignment of closed.values())
    if (names.has(nameOf(assignment))) unopened.set(assignment)
  const loaded = await loadAll(
    [...wanted.values()].filter(({ identity }) => !unopened.has(identity)),
    known,
    loadTools,
  )
  await checkpoints.writeLoaded(
    [...wanted].map(([key, { identity }]) => ({ identity, state: loaded.get(key) })),
  )
  const tools = { ...loadTools, flusher: await options.startFlusher() }
  const directory = new PartitionDirectory(options, image, {
    ...{ tools, unopened },
    known: { ...known, recovered: undefined },
  })
  for (const [key, state] of loaded) directory.addLoaded(wanted.get(key) as Assignment, state)
  return directory
}

/**
 * After a stop in order a log is as that stop says, and need not be looked at before somebody asks for it. Those of internal topics are asked for
 * at once.
 */
function mayStayClosed(assignment: Assignment, known: KnownLogs): boolean {
  const { lastStop, recovered } = loadOptionsOf(assignment, known)
  return lastStop === 'clean' && recovered === undefined && !isInternalTopic(assignment.topic.name)
}

async function loadAll(
  assignments: readonly Assignment[],
  known: KnownLogs,
  tools: LoadTools,
): Promise<Map<string, LogState | DiskError>> {
  const loaded = new Map<string, LogState | DiskError>()
  let unrestored: DiskError | undefined
  const breath = new Breath(tools.world.clock, BREATH_MS)
  await inParallel(assignments, async assignment => {
    await breath.draw()
    const { identity } = assignment
    const options = loadOptionsOf(assignment, known)
    const whole = known.checkpoints.areDamaged ? undefined : openWholeLog(identity, options, tools)
    const state = whole ?? (await loadKnownLog(identity, options, tools))
    if (state instanceof DiskError && state.isFullDisk && options.recovered !== undefined)
      unrestored ??= state
    loaded.set(partitionKey(identity), state)
  })
  if (unrestored !== undefined) {
    for (const state of loaded.values())
      if (!(state instanceof DiskError)) await state.segments.closeFiles()
    throw unrestored
  }
  return loaded
}
