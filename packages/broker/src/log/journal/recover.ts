/**
 * Opening the journal of a data folder. The folder exists while a broker runs and after a crash; a clean stop removes it,
 * so that the data folder is then a plain Kafka folder (and until then a Kafka broker refuses it, as it should).
 *
 * The order after a crash: `openJournal`; every log restores what the journal recovered of it; all segments are synced and
 * the recovery points written; then `start` drops the old groups and the journal takes commits. A crash on the way changes
 * nothing: the old groups stay until `start`, and restoring them again writes the same bytes to the same places.
 */

import { Buffer } from 'node:buffer'
import { assert } from '../../assert.ts'
import type { DiskFile, World } from '../../world.ts'
import type { RecoveredEntry, RecoveredLog } from './entry.ts'
import type { DecodedEntry, DurableOffset } from './group.ts'
import { Journal, type JournalOwner, journalKey } from './journal.ts'
import { type JournalFileLimits, JournalFiles } from './journal-files.ts'
import { type FoundGroup, scanGroups } from './scan.ts'

/** The folder of the journal within the data folder. */
export const JOURNAL_DIRECTORY = '__journal'

export interface OpenedJournal {
  readonly recovered: RecoveredJournal
  /** Drops what was recovered and begins an empty journal. Call it when everything recovered is synced in its segments. */
  start(): Promise<Journal>
  /** Gives up without changing anything. */
  close(): Promise<void>
}

export interface RecoveredJournal {
  /** Whether the journal of a broker that did not stop cleanly was found. */
  readonly isUnclean: boolean
  /** A group in the middle was invalid: logs that do not reach their durable offset have lost records to it. */
  readonly isDamaged: boolean
  readonly logs: readonly RecoveredLog[]
  /** What is known of one partition; undefined when it had not been written to. */
  get(owner: JournalOwner): RecoveredLog | undefined
}

/** Opens the journal in `dataDirectory`, which must exist and be locked by the caller. */
export const openJournal = async (
  world: World,
  dataDirectory: string,
  limits: JournalFileLimits,
): Promise<OpenedJournal> => {
  const directory = `${dataDirectory}/${JOURNAL_DIRECTORY}`
  const names = await journalFileNames(world, directory)
  const old: DiskFile[] = []
  for (const name of names ?? [])
    old.push(await world.disk.open(`${directory}/${name}`, 'existing'))
  const scanned = await scanGroups(old)
  if (scanned.isDamaged) {
    world.log.error('a group of the journal is damaged and a later one is not', { directory })
  }
  return {
    recovered: recoveredFrom({ ...scanned, isUnclean: names !== undefined }),
    start: async () => {
      await world.disk.makeDirectory(directory)
      await world.disk.syncDirectory(dataDirectory)
      const firstNumber =
        1 + (names ?? []).reduce((last, name) => Math.max(last, numberOf(name)), 0)
      const files = new JournalFiles(world, directory, { limits, firstNumber })
      await files.prepare()
      await removeAll(world, directory, old)
      const incarnation = Buffer.from(world.random.bytes(8)).toString('hex')
      return new Journal(world, files, { generation: scanned.generation + 1, incarnation })
    },
    close: async () => {
      for (const file of old) await file.close()
    },
  }
}

/** The last step of a clean stop, after all segments were synced and the journal was closed. */
export const removeJournal = async (world: World, dataDirectory: string): Promise<void> => {
  await world.disk.removeDirectory(`${dataDirectory}/${JOURNAL_DIRECTORY}`)
  await world.disk.syncDirectory(dataDirectory)
}

const journalFileNames = async (
  world: World,
  directory: string,
): Promise<readonly string[] | undefined> => {
  const entries = await world.disk.list(directory)
  return entries?.map(entry => entry.name).filter(name => name.endsWith('.journal'))
}

const numberOf = (name: string): number => Number.parseInt(name, 10) || 0

const removeAll = async (
  world: World,
  directory: string,
  files: readonly DiskFile[],
): Promise<void> => {
  for (const file of files) {
    await file.close()
    await world.disk.remove(file.path)
  }
  await world.disk.syncDirectory(directory)
}

const recoveredFrom = (scanned: {
  readonly isUnclean: boolean
  readonly isDamaged: boolean
  readonly groups: readonly FoundGroup[]
  readonly durable: readonly DurableOffset[]
}): RecoveredJournal => {
  const logs = new Map<string, CollectedLog>()
  for (const durable of scanned.durable) logOf(logs, durable).durableOffset = durable.offset
  for (const group of scanned.groups) {
    for (const entry of group.entries) logOf(logs, entry).entries.push(recoveredEntry(group, entry))
  }
  return {
    isUnclean: scanned.isUnclean,
    isDamaged: scanned.isDamaged,
    logs: [...logs.values()],
    get: owner => logs.get(journalKey(owner)),
  }
}

interface CollectedLog extends JournalOwner {
  durableOffset: number | undefined
  readonly entries: RecoveredEntry[]
}

const logOf = (logs: Map<string, CollectedLog>, owner: JournalOwner): CollectedLog => {
  const key = journalKey(owner)
  const { topicId, partition } = owner
  const log = logs.get(key) ?? { topicId, partition, durableOffset: undefined, entries: [] }
  logs.set(key, log)
  return log
}

const recoveredEntry = (group: FoundGroup, decoded: DecodedEntry): RecoveredEntry => {
  const { type, bytesPosition, ...place } = decoded
  if (type === 'extent') return { ...place, type }
  return {
    ...place,
    type,
    read: async () => {
      const bytes = Buffer.alloc(place.sizeBytes)
      const count = await group.file.read(group.bodyPosition + bytesPosition, bytes)
      assert(count === place.sizeBytes, 'a group that was verified can be read again')
      return bytes
    },
  }
}
