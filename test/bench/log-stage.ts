/** Logs as a broker has them (partitions, flusher, journal, this machine's disk), in this process: what the network costs is not part of it. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BatchBuilder, crc32c, nodeCodecs } from '@varve/protocol'
import { defaultFlusherLimits, Flusher } from '../../packages/broker/src/log/flusher.ts'
import { defaultJournalLimits } from '../../packages/broker/src/log/journal/journal-files.ts'
import { openJournal, removeJournal } from '../../packages/broker/src/log/journal/recover.ts'
import { openLogDirectory } from '../../packages/broker/src/log/log-directory.ts'
import type { LogLimits } from '../../packages/broker/src/log/log-limits.ts'
import type { LogSettings } from '../../packages/broker/src/log/log-settings.ts'
import { nodeWorld } from '../../packages/broker/src/node/world.ts'
import { openPartitionDirectory } from '../../packages/broker/src/replication/open-partition-directory.ts'
import type { Partition } from '../../packages/broker/src/replication/partition.ts'
import type { Log } from '../../packages/broker/src/world.ts'
import { imageOf, plainLimits, plainSettings } from '../support/log-harness.ts'

export interface StageOptions {
  readonly partitions: number
  readonly settings?: Partial<LogSettings>
  readonly limits?: Partial<LogLimits>
}

export interface Stage extends AsyncDisposable {
  readonly partitions: readonly Partition[]
  /** A folder on the same disk, for the raw side. */
  readonly folder: string
}

const GIBIBYTE = 2 ** 30
const quiet: Log = { error: noop, warn: noop, info: noop, debug: noop, with: () => quiet }

function noop(): void {
  return
}

export async function openStage(options: StageOptions): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), 'varve-log-'))
  const fail = (reason: Error): never => {
    throw reason
  }
  const world = nodeWorld({ log: quiet, fail })
  const path = `${folder}/data`
  const logDirectory = await openLogDirectory({ world, path, nodeId: 1, clusterId: 'bench' })
  const journal = await openJournal(world, path, defaultJournalLimits)
  let flusher: Flusher | undefined
  const directory = await openPartitionDirectory(
    {
      world,
      codecs: nodeCodecs(),
      crc32c,
      logDirectory,
      brokerId: 1,
      limits: { ...plainLimits, tailCacheBytes: 64 * 2 ** 20, ...options.limits },
      settingsOf: () => ({ ...plainSettings, segmentBytes: GIBIBYTE, ...options.settings }),
      removedTopicIds: new Set(),
      recovered: journal.recovered,
      startFlusher: async () => {
        flusher = new Flusher({
          world,
          directory: path,
          journal: await journal.start(),
          limits: defaultFlusherLimits,
          onFailure: fail,
        })
        return flusher
      },
    },
    imageOf({ partitions: options.partitions }),
  )
  return {
    partitions: [...directory.opened()],
    folder,
    async [Symbol.asyncDispose]() {
      await flusher?.close()
      await directory.close()
      await removeJournal(world, path)
      await logDirectory.close('clean')
      await rm(folder, { recursive: true })
    },
  }
}

/** A batch of about so many bytes, of records of up to 1 KiB; one record at least. */
export function batchOfBytes(sizeBytes: number): Buffer {
  const value = Buffer.alloc(Math.max(1, Math.min(1_000, sizeBytes - 75)), 'varve-')
  const record = { key: null, value, timestamp: Date.now() }
  const builder = new BatchBuilder(sizeBytes)
  do builder.append(record)
  while (builder.sizeBytes + builder.sizeWith(record) <= sizeBytes)
  return Buffer.from(builder.build({ crc32c }))
}

/** Appends, and calls `done` when the records count. Throws when the batch is refused. */
export function appendTo(partition: Partition, batch: Uint8Array, done: () => void): void {
  const appended = partition.append(batch, { now: Date.now() })
  if ('error' in appended) throw new Error(`${appended.error}: ${appended.message}`)
  partition.whenCommitted(appended.lastOffset + 1, error => {
    if (error !== 'NONE') throw new Error(error)
    done()
  })
}
