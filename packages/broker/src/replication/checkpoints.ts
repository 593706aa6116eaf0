import {
  type CheckpointEntry,
  type CheckpointName,
  encodeCheckpoint,
} from '../log/checkpoint-file.ts'
import type { LogDirectory } from '../log/log-directory.ts'
import type { LogIdentity, LogState } from '../log/log-state.ts'
import type { PartitionLog } from '../log/partition-log.ts'
import { parsePartitionFolderName, partitionFolderName } from '../log/segment-files.ts'
import { DiskError, type World } from '../world.ts'
import { DamageNotes } from './damage-notes.ts'
import { Turns } from './turns.ts'

const RECOVERY_POINT = 'recovery-point-offset-checkpoint'
const LOG_START = 'log-start-offset-checkpoint'
const HIGH_WATERMARK = 'replication-offset-checkpoint'
const CLEANED = 'cleaner-offset-checkpoint'

/** What the checkpoint files said of a log; 0 where they said nothing. */
export interface KnownOffsets {
  readonly recoveryPoint: number
  readonly logStartOffset: number
  /** Where the last cleaning ended. */
  readonly cleanedTo: number
}

/** A log as the files speak of it. */
export interface CheckpointedLog extends Pick<LogIdentity, 'topic' | 'partition'> {
  readonly highWatermark: number
  /** Undefined: what the files say of the log stays as it is. */
  readonly log: Pick<PartitionLog, 'recoveryPoint' | 'nextStartOffset' | 'isOffline'> | undefined
}

interface Found {
  readonly recoveryPoints: Map<string, number>
  readonly logStarts: Map<string, number>
  readonly cleaned: Map<string, number>
  readonly areDamaged: boolean
  readonly areAllRight: boolean
}

/**
 * Kafka's checkpoint files of one data folder. Recovery points and high watermarks only save work; the starts of the logs are what
 * DeleteRecords promises, so they are written before it is answered.
 */
export class Checkpoints {
  readonly #logDirectory: LogDirectory
  readonly #found: Found
  /** What each file holds, to spare writing the same again; nothing after a write that failed. */
  readonly #written = new Map<CheckpointName, Buffer>()
  /** The folders that each file may speak of. */
  readonly #named: Map<CheckpointName, ReadonlySet<string>>
  /** What the file holds, by folder. */
  #writtenRecoveryPoints: ReadonlyMap<string, number> = new Map()
  readonly #turns = new Turns()
  /** What goes with the recovery points. */
  readonly notes: DamageNotes
  /** A write of the log starts that has not begun yet. */
  #nextStarts: Promise<void> | undefined

  constructor(logDirectory: LogDirectory, found: Found, notes: DamageNotes) {
    this.#logDirectory = logDirectory
    this.notes = notes
    this.#found = found
    this.#named = new Map([
      [RECOVERY_POINT, new Set(found.recoveryPoints.keys())],
      [LOG_START, new Set(found.logStarts.keys())],
      [CLEANED, new Set(found.cleaned.keys())],
    ])
  }

  static async open(logDirectory: LogDirectory, world: World): Promise<Checkpoints> {
    const recoveryPoints = await logDirectory.readCheckpoint(RECOVERY_POINT)
    const logStarts = await logDirectory.readCheckpoint(LOG_START)
    const cleaned = await logDirectory.readCheckpoint(CLEANED)
    const areDamaged = recoveryPoints === 'damaged' || logStarts === 'damaged'
    if (areDamaged)
      world.log.error('A checkpoint file is damaged: every log is looked through.', {
        folder: logDirectory.path,
      })
    return new Checkpoints(
      logDirectory,
      {
        recoveryPoints: new Map(recoveryPoints === 'damaged' ? [] : recoveryPoints),
        logStarts: new Map(logStarts === 'damaged' ? [] : logStarts),
        // Without it everything is cleaned again: no more than work.
        cleaned: new Map(cleaned === 'damaged' ? [] : cleaned),
        areDamaged,
        areAllRight: !areDamaged && cleaned !== 'damaged',
      },
      new DamageNotes(world.disk),
    )
  }

  /** Whether none of the files is damaged, the one of the cleaner neither. */
  get areAllRight(): boolean {
    return this.#found.areAllRight
  }

  /** Whether a file could not be read, so that what it does not say means nothing. */
  get areDamaged(): boolean {
    return this.#found.areDamaged
  }

  of(identity: Pick<LogIdentity, 'topic' | 'partition'>): KnownOffsets {
    const folder = partitionFolderName(identity.topic, identity.partition)
    return {
      recoveryPoint: this.#found.recoveryPoints.get(folder) ?? 0,
      logStartOffset: this.#found.logStarts.get(folder) ?? 0,
      cleanedTo: this.#found.cleaned.get(folder) ?? 0,
    }
  }

  /** After loading, all of a log is synced; for one that could not be loaded everything stays as it was. */
  async writeLoaded(
    logs: readonly {
      readonly identity: LogIdentity
      readonly state: LogState | DiskError | undefined
    }[],
  ): Promise<void> {
    for (const { identity, state } of logs)
      if (state !== undefined && !(state instanceof DiskError) && state.hasOldNote === true)
        this.notes.foundWhole(identity, state.logEndOffset)
    const entries = logs.map(({ identity, state }) => {
      const known = this.of(identity)
      const isLoaded = state !== undefined && !(state instanceof DiskError)
      const offset = isLoaded ? state.logEndOffset : known.recoveryPoint
      return { topic: identity.topic, partition: identity.partition, offset }
    })
    await this.#turns.take(async () => {
      const { recoveryPoints } = this.#found
      const isThere = (entry: CheckpointEntry): boolean =>
        recoveryPoints.get(partitionFolderName(entry.topic, entry.partition)) === entry.offset
      // After a clean stop that is what it says already.
      if (this.areDamaged || recoveryPoints.size !== entries.length || !entries.every(isThere))
        await this.#write(RECOVERY_POINT, entries)
      else this.#writtenRecoveryPoints = new Map(recoveryPoints)
      await this.notes.written(entries.map(entry => ({ ...entry, log: undefined })))
    })
  }

  /** A new partition has nothing to do with one that had its name: what the files say of that one is taken out, durably. */
  async forget(
    logs: readonly Pick<LogIdentity, 'topic' | 'partition'>[],
    partitions: () => Iterable<CheckpointedLog>,
  ): Promise<void> {
    const folders = logs.map(({ topic, partition }) => partitionFolderName(topic, partition))
    this.#forget(folders)
    const named = [...this.#named.values()]
    if (folders.some(folder => named.some(names => names.has(folder))))
      await this.writeAll(partitions())
  }

  /** The same before anything is loaded: of all other folders the files go on saying what they say. */
  async forgetFound(folders: readonly string[]): Promise<void> {
    this.#forget(folders)
    if (this.areDamaged) return
    await this.#turns.take(async () => {
      await this.#write(RECOVERY_POINT, foundEntries(this.#found.recoveryPoints))
      await this.#write(LOG_START, foundEntries(this.#found.logStarts))
      await this.#write(CLEANED, foundEntries(this.#found.cleaned))
    })
  }

  #forget(folders: readonly string[]): void {
    for (const folder of folders) {
      this.#found.recoveryPoints.delete(folder)
      this.#found.logStarts.delete(folder)
      this.#found.cleaned.delete(folder)
      this.notes.forget(folder)
    }
  }

  async writeAll(partitions: Iterable<CheckpointedLog>): Promise<void> {
    await this.#turns.take(async () => {
      const all = [...partitions]
      const points = all.map(partition => {
        const { log } = partition
        return {
          ...entryOf(partition, log?.recoveryPoint ?? this.of(partition).recoveryPoint),
          log,
        }
      })
      await this.#write(RECOVERY_POINT, points)
      await this.notes.written(points)
      await this.#write(
        HIGH_WATERMARK,
        all.map(partition => entryOf(partition, partition.highWatermark)),
      )
      await this.#write(LOG_START, this.#logStarts(all))
      await this.#writeCleaned(all)
    })
  }

  /** Where cleaning goes on, durably: everything of the log below `offset` is clean. */
  async cleaned(
    log: Pick<LogIdentity, 'topic' | 'partition'>,
    offset: number,
    partitions: () => Iterable<CheckpointedLog>,
  ): Promise<void> {
    this.#found.cleaned.set(partitionFolderName(log.topic, log.partition), offset)
    await this.#turns.take(() => this.#writeCleaned([...partitions()]))
  }

  /** Of partitions that are there; a log that is not compacted any more may still have gaps. */
  async #writeCleaned(all: readonly CheckpointedLog[]): Promise<void> {
    const entries = all.flatMap(partition => {
      const { cleanedTo } = this.of(partition)
      return cleanedTo > 0 ? [entryOf(partition, cleanedTo)] : []
    })
    if (entries.length > 0 || this.#named.get(CLEANED)?.size !== 0)
      await this.#write(CLEANED, entries)
  }

  /** Resolves when the file says that the log needs no recovery below `offset`. */
  async requireRecoveryPoint(
    log: Pick<LogIdentity, 'topic' | 'partition'>,
    offset: number,
    partitions: () => Iterable<CheckpointedLog>,
  ): Promise<void> {
    const folder = partitionFolderName(log.topic, log.partition)
    if ((this.#writtenRecoveryPoints.get(folder) ?? 0) < offset) await this.writeAll(partitions())
  }

  /** Resolves when the starts as they are now are durable. Calls that come while one is waiting share it. */
  writeLogStarts(partitions: () => Iterable<CheckpointedLog>): Promise<void> {
    this.#nextStarts ??= this.#turns.take(() => {
      this.#nextStarts = undefined
      return this.#write(LOG_START, this.#logStarts([...partitions()]))
    })
    return this.#nextStarts
  }

  /** Where a log begins that has lost nothing need not be written down. A segment that is gone from the log may still be on the disk. */
  #logStarts(partitions: readonly CheckpointedLog[]): CheckpointEntry[] {
    const entries: CheckpointEntry[] = []
    for (const partition of partitions) {
      const { log } = partition
      const offset = log?.nextStartOffset ?? this.of(partition).logStartOffset
      if (offset > 0) entries.push(entryOf(partition, offset))
    }
    return entries
  }

  async #write(name: CheckpointName, entries: readonly CheckpointEntry[]): Promise<void> {
    const content = encodeCheckpoint(entries)
    if (this.#written.get(name)?.equals(content) === true) return
    this.#written.delete(name)
    const folders = entries.map(({ topic, partition }) => partitionFolderName(topic, partition))
    this.#named.set(name, new Set([...(this.#named.get(name) ?? []), ...folders]))
    await this.#logDirectory.writeCheckpoint(name, entries)
    this.#named.set(name, new Set(folders))
    this.#written.set(name, content)
    if (name === RECOVERY_POINT)
      this.#writtenRecoveryPoints = new Map(
        entries.map(({ offset }, index) => [folders[index] as string, offset]),
      )
  }
}

function foundEntries(found: ReadonlyMap<string, number>): CheckpointEntry[] {
  return [...found].flatMap(([folder, offset]) => {
    const log = parsePartitionFolderName(folder)
    return log === undefined ? [] : [{ ...log, offset }]
  })
}

function entryOf(
  partition: Pick<LogIdentity, 'topic' | 'partition'>,
  offset: number,
): CheckpointEntry {
  return { topic: partition.topic, partition: partition.partition, offset }
}
