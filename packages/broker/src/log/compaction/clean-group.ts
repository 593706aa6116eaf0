/** The second half of a cleaning: what stays of some neighbouring segments is written to a new one, under a name that no start believes yet. */
import { RecordBatch } from '@varve/protocol'
import type { DiskFile, World } from '../../world.ts'
import type { IndexBytes } from '../index-bytes.ts'
import type { Segment } from '../segment.ts'
import { entryOf } from '../segment-entry.ts'
import type { SegmentFileKind } from '../segment-files.ts'
import { batchesFrom, type WindowTools } from './batch-windows.ts'
import { type CleaningRules, cleanBatch } from './clean-batch.ts'
import { CLEANED } from './compaction-files.ts'
import { dropCleaned } from './swap-segments.ts'

/** What was written is synced in between, so that it does not pile up before somebody else's sync. */
const SYNC_BYTES = 8 * 1024 * 1024

export interface GroupTools extends WindowTools {
  readonly world: World
  readonly indexIntervalBytes: number
  readonly newSegment: (baseOffset: number, createdMs: number) => Segment
}

/** Writes and syncs `.log.cleaned`, `.index.cleaned` and `.timeindex.cleaned`. The segment reads from the first, whatever it is called later. */
export async function cleanGroup(
  group: readonly Segment[],
  rules: CleaningRules,
  tools: GroupTools,
): Promise<Segment> {
  const first = group[0] as Segment
  const createdMs = Math.max(...group.map(segment => segment.createdMs))
  const segment = tools.newSegment(first.baseOffset, createdMs)
  const file = await tools.world.disk.open(`${segment.path}${CLEANED}`, 'truncate')
  try {
    const writer = new CleanedWriter(segment, file, tools)
    for (const source of group) {
      const isLast = source === group.at(-1)
      for await (const { batch, endPosition, endsWindow } of batchesFrom(source, 0, tools)) {
        const ends = isLast && endPosition === source.sizeBytes
        const cleaned = cleanBatch(batch, ends ? 'ends the segment' : 'anywhere', rules)
        if (cleaned !== 'gone') writer.add(batch, cleaned)
        if (endsWindow) await writer.write()
      }
    }
    await file.sync()
    segment.seal()
    await writeIndexes(segment, tools.world)
    segment.wroteBy(file)
    return segment
  } catch (error) {
    await file.close()
    await dropCleaned(tools.world.disk, segment)
    throw error
  }
}

class CleanedWriter {
  readonly #segment: Segment
  readonly #file: DiskFile
  readonly #tools: GroupTools
  #parts: Uint8Array[] = []
  #partBytes = 0
  #unsyncedBytes = 0

  constructor(segment: Segment, file: DiskFile, tools: GroupTools) {
    this.#segment = segment
    this.#file = file
    this.#tools = tools
  }

  add(source: RecordBatch, cleaned: 'same' | Buffer): void {
    const batch = cleaned === 'same' ? source : new RecordBatch(cleaned)
    this.#segment.enter(entryOf(batch), this.#tools.indexIntervalBytes)
    this.#parts.push(batch.wholeBytes())
    this.#partBytes += batch.sizeBytes
  }

  async write(): Promise<void> {
    const sizeBytes = this.#partBytes
    if (sizeBytes === 0) return
    await this.#file.append(this.#parts)
    this.#parts = []
    this.#partBytes = 0
    this.#unsyncedBytes += sizeBytes
    if (this.#unsyncedBytes >= SYNC_BYTES) {
      await this.#file.sync()
      this.#unsyncedBytes = 0
    }
    await this.#tools.pace.spend(sizeBytes)
  }
}

async function writeIndexes(segment: Segment, world: World): Promise<void> {
  const { offsets, times } = await segment.requireIndexes()
  const files: [SegmentFileKind, IndexBytes][] = [
    ['index', offsets.file],
    ['timeindex', times.file],
  ]
  for (const [kind, index] of files) {
    const file = await world.disk.open(`${segment.pathOf(kind)}${CLEANED}`, 'truncate')
    try {
      await file.append([index.bytes.subarray(0, index.sizeBytes)])
      await file.sync()
    } finally {
      await file.close()
    }
    index.written(index.sizeBytes)
  }
}
