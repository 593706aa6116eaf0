/**
 * Reads the metadata log of a Kafka broker (KRaft) without changing it: the newest snapshot, what the log holds beyond it, and, when a
 * broker never ran on the folder, the records that formatting wrote down for it.
 */
import { Buffer } from 'node:buffer'
import {
  decodeMetadataRecord,
  type MetadataRecord,
  type RecordBatch,
  recordsOf,
  WireError,
} from '@varve/protocol'
import { LogDirectoryError } from '../log/log-directory.ts'
import type { Disk } from '../world.ts'
import { CONTROL_TYPE, controlTypeOf } from './control-batch.ts'
import { METADATA_FOLDER } from './metadata-log.ts'
import { scan } from './scan.ts'

const BOOTSTRAP = 'bootstrap.checkpoint'
/** Kafka's file about elections, which it writes before anything else when it starts, and which we never do. */
export const QUORUM_STATE = 'quorum-state'

/** One record, read and as it lies in the log. */
export interface KraftRecord {
  readonly record: MetadataRecord
  readonly value: Uint8Array
}

export interface KraftLog {
  /** In order; those of a transaction that was not committed are not among them. */
  readonly records: readonly KraftRecord[]
  readonly endOffset: number
  /** The epoch of the last leader; 0 when there never was one. */
  readonly leaderEpoch: number
}

/** Whether Kafka was the last to use the metadata in a data folder, or formatted the folder and never ran. */
export async function isKraftFolder(disk: Disk, directory: string): Promise<boolean> {
  const entries = (await disk.list(`${directory}/${METADATA_FOLDER}`)) ?? []
  if (entries.some(({ name }) => name === QUORUM_STATE)) return true
  const hasRecords = entries.some(
    ({ name, sizeBytes }) => /^\d{20}\.log$/.test(name) && sizeBytes > 0,
  )
  const hasSnapshot = entries.some(({ name }) => snapshotOf(name) !== undefined && !isFirst(name))
  if (hasRecords || hasSnapshot) return false
  return (await disk.readFile(`${directory}/${BOOTSTRAP}`)) !== undefined
}

/** Rejects with a `LogDirectoryError` when it cannot be read to its end; `unclean` allows a torn last write. */
export async function readKraftLog(
  disk: Disk,
  directory: string,
  lastStop: 'clean' | 'unclean',
): Promise<KraftLog> {
  const folder = `${directory}/${METADATA_FOLDER}`
  const entries = (await disk.list(folder)) ?? []
  const snapshot = entries
    .flatMap(({ name }) => snapshotOf(name) ?? [])
    .sort((one, other) => other.endOffset - one.endOffset)[0]
  // An empty one says nothing: it may be the one that an interrupted adoption began behind Kafka's last.
  const segments = entries
    .filter(({ name, sizeBytes }) => /^\d{20}\.log$/.test(name) && sizeBytes > 0)
    .map(({ name }) => name)
    .sort()
  const records = new CommittedRecords()
  let endOffset = 0
  let leaderEpoch = 0
  if (snapshot !== undefined) {
    records.addAll(await readSnapshot(disk, `${folder}/${snapshot.name}`))
    endOffset = snapshot.endOffset
    leaderEpoch = snapshot.leaderEpoch
  }
  for (const name of segments) {
    const path = `${folder}/${name}`
    const firstOffset = Number(name.slice(0, 20))
    const bytes = (await disk.readFile(path)) ?? Buffer.alloc(0)
    const { batches, rest } = scan(bytes, firstOffset)
    const mayBeTorn = name === segments.at(-1) && lastStop === 'unclean'
    const continues = firstOffset <= endOffset
    if (!continues || !(rest === 'nothing' || (rest === 'torn' && mayBeTorn))) throw damaged(path)
    for (const batch of batches) {
      leaderEpoch = Math.max(leaderEpoch, batch.partitionLeaderEpoch)
      if (batch.baseOffset < endOffset) continue
      endOffset = batch.lastOffset + 1
      if (!batch.isControl) records.addAll(recordsIn(batch, path))
    }
  }
  if (endOffset === 0) {
    const path = `${directory}/${BOOTSTRAP}`
    if ((await disk.readFile(path)) !== undefined) records.addAll(await readSnapshot(disk, path))
  }
  return { records: records.committed, endOffset, leaderEpoch }
}

/** Leaves out what metadata transactions (KIP-868) did not commit. */
class CommittedRecords {
  readonly committed: KraftRecord[] = []
  #open: KraftRecord[] | undefined

  addAll(records: readonly KraftRecord[]): void {
    for (const each of records) {
      const { type } = each.record
      if (type === 'BeginTransactionRecord') this.#open = []
      else if (type === 'EndTransactionRecord') this.#end(this.#open ?? [])
      else if (type === 'AbortTransactionRecord') this.#end([])
      else (this.#open ?? this.committed).push(each)
    }
  }

  #end(committed: readonly KraftRecord[]): void {
    for (const each of committed) this.committed.push(each)
    this.#open = undefined
  }
}

async function readSnapshot(disk: Disk, path: string): Promise<readonly KraftRecord[]> {
  const bytes = await disk.readFile(path)
  const { batches, rest } = scan(bytes ?? Buffer.alloc(0), 0)
  const last = batches.at(-1)
  const footer = last?.isControl === true ? [...recordsOf(last)][0] : undefined
  if (rest !== 'nothing' || controlTypeOf(footer?.key ?? null) !== CONTROL_TYPE.SNAPSHOT_FOOTER)
    throw damaged(path)
  return batches.filter(batch => !batch.isControl).flatMap(batch => recordsIn(batch, path))
}

function recordsIn(batch: RecordBatch, path: string): KraftRecord[] {
  const records: KraftRecord[] = []
  for (const { value } of recordsOf(batch)) {
    if (value === null) continue
    try {
      records.push({ record: decodeMetadataRecord(value), value: Buffer.from(value) })
    } catch (error) {
      if (!(error instanceof WireError)) throw error
      throw new LogDirectoryError(
        `${path} cannot be taken over: it has a record that this version of Varve does not know (${error.message}).`,
      )
    }
  }
  return records
}

function damaged(path: string): LogDirectoryError {
  return new LogDirectoryError(
    `Kafka's metadata in ${path} is damaged or incomplete; restore it from a copy, or start Kafka once and stop it in order.`,
  )
}

function snapshotOf(
  name: string,
): { readonly name: string; readonly endOffset: number; readonly leaderEpoch: number } | undefined {
  const match = /^(\d{20})-(\d{10})\.checkpoint$/.exec(name)
  if (match === null) return undefined
  return { name, endOffset: Number(match[1]), leaderEpoch: Number(match[2]) }
}

/** The snapshot that formatting makes for a quorum whose voters the log names: it holds nothing but them. */
function isFirst(name: string): boolean {
  return snapshotOf(name)?.endOffset === 0
}
