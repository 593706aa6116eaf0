/** Reads any file of a data folder, ours or Kafka's, and says what is in it. Nothing is changed, and a broker may be running. */
import type { Codecs, Crc32c } from '@varve/protocol'
import { type Disk, DiskError } from '../../world.ts'
import { scanGroups } from '../journal/scan.ts'
import { parsePartitionFolderName, parseSegmentFileName } from '../segment-files.ts'
import { decoderFor, type RecordDecoder } from './decode-record.ts'
import { dumpBatches } from './dump-batches.ts'
import type { DumpEntry, DumpedKind } from './dump-entry.ts'
import { dumpOffsetIndex, dumpTimeIndex, dumpTransactionIndex } from './dump-indexes.ts'
import {
  dumpCheckpoint,
  dumpLeaderEpochs,
  dumpProducerSnapshot,
  dumpProperties,
  dumpSequences,
} from './dump-state-files.ts'

export interface DumpOptions {
  /** `shown`: every record of every batch, else only the batches. */
  readonly records: 'shown' | 'left out'
  /** Whose tables records are read with; `by folder`: those of the internal topic that the file lies in the folder of. */
  readonly decoder: RecordDecoder | 'by folder'
  /** Ends after the batch with which so many bytes of a log are reached. */
  readonly maxBytes: number
}

export interface DumpTools {
  readonly disk: Disk
  readonly codecs: Codecs
  readonly crc32c: Crc32c
}

/** Says which file it is, and then all that is in it. Rejects with a `DiskError`: `ENOENT` for a missing file, `EINVAL` for a name that no file of a data folder has. */
export async function* dumpFile(
  path: string,
  options: DumpOptions,
  tools: DumpTools,
): AsyncGenerator<DumpEntry, void, void> {
  const name = path.slice(path.lastIndexOf('/') + 1)
  const { kind, startOffset } = kindOf(name) ?? unknown(path)
  yield { type: 'file', kind, startOffset }
  if (kind === 'log') yield* dumpLog(path, options, tools)
  else if (kind === 'journal') yield* dumpJournal(path, tools.disk)
  else yield* dumpContent(await contentOf(path, tools.disk), { kind, startOffset }, tools.crc32c)
}

interface FileName {
  readonly kind: DumpedKind
  readonly startOffset: number | undefined
}

/** A segment on its way into or out of the log still is one. */
const PASSING = /(\.\d+)?\.(deleted|cleaned|swap|torn|tmp)$/
const SNAPSHOT = /^(\d{20})-\d{10}\.checkpoint$/

const segmentKinds = {
  log: 'log',
  index: 'offset index',
  timeindex: 'time index',
  txnindex: 'transaction index',
  snapshot: 'producer snapshot',
  sequences: 'sequences',
} as const satisfies Readonly<Record<string, DumpedKind>>

function kindOf(name: string): FileName | undefined {
  const settled = name.replace(PASSING, '')
  const segment = parseSegmentFileName(settled)
  if (segment !== undefined)
    return { kind: segmentKinds[segment.kind], startOffset: segment.offset }
  if (SNAPSHOT.test(settled)) return { kind: 'log', startOffset: 0 }
  const kind = kindOfOther(settled)
  return kind === undefined ? undefined : { kind, startOffset: undefined }
}

function kindOfOther(name: string): DumpedKind | undefined {
  if (name === 'leader-epoch-checkpoint') return 'leader epochs'
  if (name.endsWith('-offset-checkpoint')) return 'checkpoint'
  if (name === 'meta.properties' || name === 'partition.metadata') return 'properties'
  return name.endsWith('.journal') ? 'journal' : undefined
}

function unknown(path: string): never {
  throw new DiskError('tell what is in', path, 'EINVAL')
}

async function contentOf(path: string, disk: Disk): Promise<Buffer> {
  const content = await disk.readFile(path)
  if (content === undefined) throw new DiskError('read', path, 'ENOENT')
  return content
}

function* dumpContent(
  content: Buffer,
  {
    kind,
    startOffset = 0,
  }: { kind: Exclude<DumpedKind, 'log' | 'journal'>; startOffset: number | undefined },
  crc32c: Crc32c,
): Generator<DumpEntry, void, void> {
  switch (kind) {
    case 'offset index':
      return yield* dumpOffsetIndex(content, startOffset)
    case 'time index':
      return yield* dumpTimeIndex(content, startOffset)
    case 'transaction index':
      return yield* dumpTransactionIndex(content, startOffset)
    case 'producer snapshot':
      return yield* dumpProducerSnapshot(content, crc32c)
    case 'sequences':
      return yield* dumpSequences(content, crc32c)
    case 'leader epochs':
      return yield* dumpLeaderEpochs(content)
    case 'checkpoint':
      return yield* dumpCheckpoint(content)
    case 'properties':
      return yield* dumpProperties(content)
  }
}

async function* dumpLog(
  path: string,
  options: DumpOptions,
  { disk, codecs, crc32c }: DumpTools,
): AsyncGenerator<DumpEntry, void, void> {
  const folder = path.split('/').at(-2) ?? ''
  const decoder =
    options.decoder === 'by folder'
      ? decoderFor(parsePartitionFolderName(folder)?.topic)
      : options.decoder
  const file = await disk.open(path, 'existing')
  try {
    yield* dumpBatches(file, { ...options, decoder, codecs, crc32c })
  } finally {
    await file.close()
  }
}

/** The groups that a start would replay from this file: of what is torn, or left over from an earlier use of it, nothing is said. */
async function* dumpJournal(path: string, disk: Disk): AsyncGenerator<DumpEntry, void, void> {
  const file = await disk.open(path, 'existing')
  try {
    for (const { header, bodyPosition, durable, entries } of (await scanGroups([file])).groups) {
      yield { type: 'journal group', position: bodyPosition, ...header }
      for (const offset of durable) yield { type: 'durable offset', ...offset }
      for (const { type, bytesPosition: _, ...place } of entries)
        yield { type: 'journal entry', holds: type, ...place }
    }
  } finally {
    await file.close()
  }
}
