/** The small files beside segments and in a data folder: producer snapshots, checkpoints, properties. */
import type { Crc32c } from '@varve/protocol'
import { decodeCheckpoint } from '../checkpoint-file.ts'
import { LeaderEpochs } from '../leader-epochs.ts'
import { decodeProducerSnapshot, decodeSequences } from '../producer-snapshot.ts'
import { parsePartitionFolderName } from '../segment-files.ts'
import type { DumpEntry } from './dump-entry.ts'

export function* dumpProducerSnapshot(content: Buffer, crc32c: Crc32c): Generator<DumpEntry> {
  const entries = decodeProducerSnapshot({ snapshot: content, sequences: undefined }, crc32c)
  if (entries === undefined) {
    yield senseless('it is no producer snapshot, or its checksum is wrong')
    return
  }
  for (const { sweep: _, ...entry } of entries) yield { type: 'producer', ...entry }
}

export function* dumpSequences(content: Buffer, crc32c: Crc32c): Generator<DumpEntry> {
  const sequences = decodeSequences(content, crc32c)
  if (sequences === undefined) {
    yield senseless('it holds no sequences, or its checksum is wrong')
    return
  }
  const { snapshotCrc, known } = sequences
  yield { type: 'property', name: 'snapshotCrc', value: String(snapshotCrc) }
  for (const [producerId, entry] of known) yield { type: 'sequences', producerId, ...entry }
}

export function* dumpLeaderEpochs(content: Buffer): Generator<DumpEntry> {
  const leaderEpochs = new LeaderEpochs()
  if (!leaderEpochs.load(content)) {
    yield senseless('it is no file of leader epochs')
    return
  }
  for (const start of leaderEpochs.starts) yield { type: 'leader epoch', ...start }
}

export function* dumpCheckpoint(content: Buffer): Generator<DumpEntry> {
  const checkpoint = decodeCheckpoint(content)
  if (checkpoint === undefined) {
    yield senseless('it is no checkpoint file')
    return
  }
  for (const [folder, offset] of checkpoint) {
    const log = parsePartitionFolderName(folder)
    if (log !== undefined) yield { type: 'checkpoint', ...log, offset }
  }
}

/** `meta.properties` has lines of `name=value`, `partition.metadata` of `name: value`. */
export function* dumpProperties(content: Buffer): Generator<DumpEntry> {
  for (const line of content.toString('utf8').split('\n')) {
    const [, name, value] = /^([^#=:][^=:]*?)\s*[=:]\s*(.*)$/.exec(line) ?? []
    if (name !== undefined && value !== undefined) yield { type: 'property', name, value }
  }
}

function senseless(about: string): DumpEntry {
  return { type: 'flaw', position: undefined, about }
}
