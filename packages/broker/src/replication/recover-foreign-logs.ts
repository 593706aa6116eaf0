/**
 * Recovers logs that another broker left behind, before the metadata knows them: what this comes to is synced and written down as
 * their recovery points, so that afterwards they are like logs of our own.
 */
import type { Codecs, Crc32c } from '@varve/protocol'
import { noteDamage } from '../log/damage-note.ts'
import { loadLog } from '../log/load-log.ts'
import { DAMAGED, durableEndOf, type LoadOptions } from '../log/load-options.ts'
import type { LogDirectory } from '../log/log-directory.ts'
import type { LogLimits } from '../log/log-limits.ts'
import type { LogIdentity, LogState } from '../log/log-state.ts'
import type { LoadTools } from '../log/log-tools.ts'
import { ProducerQuota } from '../log/producer-quota.ts'
import { ReadBuffers } from '../log/read-buffers.ts'
import { parseSegmentFileName } from '../log/segment-files.ts'
import { TailCache } from '../log/tail-cache.ts'
import { DiskError, type World } from '../world.ts'
import { Checkpoints } from './checkpoints.ts'
import { inParallel } from './in-parallel.ts'

export interface RecoverForeignOptions {
  readonly world: World
  readonly codecs: Codecs
  readonly crc32c: Crc32c
  readonly limits: LogLimits
  readonly logDirectory: LogDirectory
}

/**
 * Below its recovery point a log is not looked at, and what is bad there is corruption (L5): the partition will be offline, its bytes as
 * they were. Above it Kafka's rules hold: offsets may leave gaps, which compaction makes, and the first invalid batch ends the log.
 * `others`: logs of which the checkpoints go on saying what they say. Resolves with the logs, closed, and with an error in the place of one
 * that is corrupt; rejects with a `DiskError` when the disk fails.
 */
export async function recoverForeignLogs(
  options: RecoverForeignOptions,
  identities: readonly LogIdentity[],
  others: readonly LogIdentity[],
): Promise<ReadonlyMap<LogIdentity, LogState | DiskError>> {
  const { world, limits, logDirectory } = options
  const tools: LoadTools = {
    ...{ world, codecs: options.codecs, crc32c: options.crc32c, limits },
    tailCache: new TailCache(0),
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
  const checkpoints = await Checkpoints.open(logDirectory, world)
  const states = new Map<LogIdentity, LogState | DiskError>()
  await inParallel(identities, async identity => {
    const known = checkpoints.of(identity)
    states.set(identity, await recover(identity, known, tools))
  })
  // A damaged file is a reason to look through the others, too: then it stays as it is.
  if (others.length === 0 || !checkpoints.areDamaged)
    await checkpoints.writeLoaded(
      [...identities, ...others].map(identity => ({ identity, state: states.get(identity) })),
    )
  return states
}

async function recover(
  identity: LogIdentity,
  known: { readonly recoveryPoint: number; readonly logStartOffset: number },
  tools: LoadTools,
): Promise<LogState | DiskError> {
  const options: LoadOptions = {
    ...known,
    lastStop: 'unclean',
    recovered: await syncedSegments(identity, known.recoveryPoint, tools.world),
    compactedTo: Number.MAX_SAFE_INTEGER,
    missingFolder: 'leave',
  }
  try {
    return await loadLog(identity, options, tools)
  } catch (error) {
    if (!(error instanceof DiskError) || error.code !== DAMAGED) throw error
    const { recoveryPoint } = options
    const durableEnd = durableEndOf(options)
    await noteDamage(tools.world.disk, identity.directory, { error, durableEnd, recoveryPoint })
    return error
  }
}

/** Nothing says how far a log without a recovery point was synced: all of it is looked at, and only its last segment may be torn. */
async function syncedSegments(
  { topicId, partition, directory }: LogIdentity,
  recoveryPoint: number,
  { disk }: World,
): Promise<LoadOptions['recovered']> {
  if (recoveryPoint > 0) return undefined
  let durableOffset = 0
  for (const { name, sizeBytes } of (await disk.list(directory)) ?? []) {
    const file = parseSegmentFileName(name)
    if (file?.kind === 'log' && sizeBytes > 0) durableOffset = Math.max(durableOffset, file.offset)
  }
  return { topicId, partition, durableOffset, entries: [] }
}
