/** The producer snapshots of a log, each held against the replay when that comes to its offset. */
import type { Crc32c, RecordBatch } from '@varve/protocol'
import type { Disk } from '../../world.ts'
import type { AbortedTransaction } from '../aborted-transaction.ts'
import { decodeProducerSnapshot } from '../producer-snapshot.ts'
import type { ProducerEntry } from '../producer-state.ts'
import { type OfflineFolder, pathOf } from './offline-folder.ts'
import { ProducerCheck, type ReplayStart } from './producer-check.ts'

export interface SnapshotFlaw {
  readonly offset: number
  readonly about: string
}

interface Snapshot {
  readonly offset: number
  /** Undefined for a damaged one. */
  readonly entries: readonly ProducerEntry[] | undefined
}

/** Reads the snapshots, and begins a replay with the one where the log begins. */
export async function openProducerCheck(
  directory: string,
  { segments, files }: OfflineFolder,
  { cleanedTo }: { readonly cleanedTo: number },
  { disk, crc32c }: { readonly disk: Disk; readonly crc32c: Crc32c },
): Promise<SnapshotCheck> {
  const first = segments[0]?.baseOffset ?? 0
  const snapshots: Snapshot[] = []
  for (const offset of files.get('snapshot') ?? []) {
    // Of what was before the log begins nothing can be said.
    if (offset < first) continue
    const snapshot = await disk.readFile(pathOf(directory, offset, 'snapshot'))
    if (snapshot === undefined) continue
    const entries = decodeProducerSnapshot({ snapshot, sequences: undefined }, crc32c)
    snapshots.push({ offset, entries })
  }
  const begin = snapshots.find(({ offset }) => offset === first)?.entries
  const past = first === 0 || begin !== undefined ? 'whole' : 'part'
  return new SnapshotCheck(snapshots, { entries: begin ?? [], past, cleanedTo })
}

export class SnapshotCheck {
  readonly #snapshots: readonly Snapshot[]
  readonly #producers: ProducerCheck
  readonly flaws: SnapshotFlaw[] = []
  #checked = 0

  constructor(snapshots: readonly Snapshot[], start: ReplayStart) {
    this.#snapshots = snapshots
    this.#producers = new ProducerCheck(start)
  }

  /** Everything below `offset` was passed: snapshots up to there are looked at. */
  reach(offset: number): void {
    for (; ; this.#checked++) {
      const snapshot = this.#snapshots[this.#checked]
      if (snapshot === undefined || snapshot.offset > offset) return
      const about =
        snapshot.entries === undefined
          ? 'It is damaged: its checksum is wrong.'
          : this.#producers.snapshotFlaw(snapshot.entries)
      if (about !== undefined) this.flaws.push({ offset: snapshot.offset, about })
    }
  }

  pass(batch: RecordBatch): void {
    this.#producers.pass(batch)
  }

  endSegment(baseOffset: number, found: readonly AbortedTransaction[]): string | undefined {
    return this.#producers.endSegment(baseOffset, found)
  }
}
