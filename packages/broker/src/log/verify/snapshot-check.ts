/** The producer snapshots of a log, each held against the replay when that comes to its offset. */
import type { Crc32c, RecordBatch } from '@varve/protocol'
import type { Disk } from '../../world.ts'
import type { AbortedTransaction } from '../aborted-transaction.ts'
import { decodeProducerSnapshot, decodeSequences } from '../producer-snapshot.ts'
import type { ProducerEntry } from '../producer-state.ts'
import { type OfflineFolder, pathOf } from './offline-folder.ts'
import { type KnownBatches, ProducerCheck, type ReplayStart } from './producer-check.ts'

const CRC_POSITION = 2

export interface SnapshotFlaw {
  readonly offset: number
  /** The file that has it: the snapshot as Kafka writes it, or ours with the last batches of each producer. */
  readonly of: 'snapshot' | 'sequences'
  readonly about: string
}

interface Snapshot {
  readonly offset: number
  /** Undefined for a damaged one. */
  readonly entries: readonly ProducerEntry[] | undefined
  readonly sequences: Sequences
}

/** What lies beside a snapshot. A broker that finds none, or one that does not fit, goes on with the snapshot. */
type Sequences =
  | { readonly type: 'none' | 'damaged' | 'of another snapshot' }
  | { readonly type: 'read'; readonly known: KnownBatches }

/** Reads the snapshots, and begins a replay with the one where the log begins. */
export async function openProducerCheck(
  {
    directory,
    files,
    first,
  }: Pick<OfflineFolder, 'files'> & {
    readonly directory: string
    /** Where the log begins. */
    readonly first: number
  },
  { cleanedTo }: { readonly cleanedTo: number },
  { disk, crc32c }: { readonly disk: Disk; readonly crc32c: Crc32c },
): Promise<SnapshotCheck> {
  const snapshots: Snapshot[] = []
  let begin: readonly ProducerEntry[] | undefined
  for (const offset of files.get('snapshot') ?? []) {
    // Of what was before the log begins nothing can be said.
    if (offset < first) continue
    const snapshot = await disk.readFile(pathOf(directory, offset, 'snapshot'))
    if (snapshot === undefined) continue
    const beside = await disk.readFile(pathOf(directory, offset, 'sequences'))
    const entries = decodeProducerSnapshot({ snapshot, sequences: undefined }, crc32c)
    snapshots.push({ offset, entries, sequences: sequencesOf(snapshot, beside, crc32c) })
    if (offset === first) begin = decodeProducerSnapshot({ snapshot, sequences: beside }, crc32c)
  }
  const past = first === 0 || begin !== undefined ? 'whole' : 'part'
  return new SnapshotCheck(snapshots, { entries: begin ?? [], past, cleanedTo })
}

function sequencesOf(snapshot: Buffer, beside: Buffer | undefined, crc32c: Crc32c): Sequences {
  if (beside === undefined || snapshot.length < CRC_POSITION + 4) return { type: 'none' }
  const read = decodeSequences(beside, crc32c)
  if (read === undefined) return { type: 'damaged' }
  return read.snapshotCrc === snapshot.readUInt32BE(CRC_POSITION)
    ? { type: 'read', known: read.known }
    : { type: 'of another snapshot' }
}

export class SnapshotCheck {
  readonly #snapshots: readonly Snapshot[]
  readonly #producers: ProducerCheck
  /** Below this offset compaction has left no more of the batches than what says where the producers are at its end. */
  readonly #cleanedTo: number
  readonly flaws: SnapshotFlaw[] = []
  #checked = 0

  constructor(snapshots: readonly Snapshot[], start: ReplayStart) {
    this.#snapshots = snapshots
    this.#producers = new ProducerCheck(start)
    this.#cleanedTo = start.cleanedTo
  }

  /** Everything below `endOffset` was passed: snapshots up to there are looked at. */
  reach(endOffset: number): void {
    for (; ; this.#checked++) {
      const snapshot = this.#snapshots[this.#checked]
      if (snapshot === undefined || snapshot.offset > endOffset) return
      this.#look(snapshot)
    }
  }

  #look({ offset, entries, sequences }: Snapshot): void {
    // The one that the replay begins with is as the replay has it.
    const replay = offset < this.#cleanedTo ? undefined : this.#producers
    const about =
      entries === undefined
        ? 'It is damaged: its checksum is wrong.'
        : replay?.snapshotFlaw(entries)
    if (about !== undefined) this.flaws.push({ offset, of: 'snapshot', about })
    // What belongs to a snapshot that is wrong is no better.
    const beside = about === undefined ? sequencesFlaw(sequences, replay) : undefined
    if (beside !== undefined) this.flaws.push({ offset, of: 'sequences', about: beside })
  }

  pass(batch: RecordBatch): void {
    this.#producers.pass(batch)
  }

  endSegment(baseOffset: number, found: readonly AbortedTransaction[]): string | undefined {
    return this.#producers.endSegment(baseOffset, found)
  }
}

/** `replay`: undefined where the batches say too little. */
function sequencesFlaw(
  sequences: Sequences,
  replay: ProducerCheck | undefined,
): string | undefined {
  switch (sequences.type) {
    case 'none':
      return undefined
    case 'damaged':
      return 'It is damaged: its checksum is wrong.'
    case 'of another snapshot':
      return 'It does not belong to the snapshot beside it, whose checksum is another.'
    case 'read':
      return replay?.sequencesFlaw(sequences.known)
  }
}
