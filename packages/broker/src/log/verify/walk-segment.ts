/** Walks over all batches of a segment and tells what is wrong with each, and goes on behind what is. */
import { BATCH_HEADER_BYTES, type Crc32c, checkFraming, type RecordBatch } from '@varve/protocol'
import type { DiskFile } from '../../world.ts'
import { scanSegment } from '../scan-segment.ts'
import { findValidBatch } from '../torn-tail.ts'
import { type BatchFlaw, flawOf } from './batch-rules.ts'
import { framingFlaw } from './scrub-segment.ts'

export interface WalkStart {
  readonly segmentBaseOffset: number
  /** The offset behind the batch before. */
  readonly nextOffset: number
  readonly leaderEpoch: number
  /** Up to here offsets may be missing. */
  readonly gapsTo: number
  /** Where the next segment begins. */
  readonly endOffset: number
}

export interface WalkedFlaw {
  readonly type: BatchFlaw['type'] | 'framing'
  readonly position: number
  /** The offset that would be next. */
  readonly offset: number
  readonly about: string
  /** Whether a whole batch comes after it in this segment. */
  readonly followedBy: 'a batch' | 'nothing'
}

export interface WalkVisitor {
  readonly crc32c: Crc32c
  /** Called for each batch with a right checksum, which is valid during the call only. */
  readonly pass: (batch: RecordBatch, position: number) => void
  /** Called for each flaw; says whether to go on behind it. */
  readonly flaw: (flaw: WalkedFlaw) => 'go on' | 'stop'
}

/** Where the walk came to. */
export interface WalkEnd {
  readonly nextOffset: number
  readonly leaderEpoch: number
}

export function walkSegment(
  file: DiskFile,
  start: WalkStart,
  visitor: WalkVisitor,
): Promise<WalkEnd> {
  return new SegmentWalk(file, start, visitor).run()
}

class SegmentWalk {
  readonly #file: DiskFile
  readonly #start: WalkStart
  readonly #visitor: WalkVisitor
  #nextOffset: number
  #leaderEpoch: number
  /** Behind a damaged batch nobody knows which offset is next. */
  #isLost = false
  #isStopped = false
  /** The size that a batch with a wrong checksum says it has. */
  #badBytes: number | undefined

  constructor(file: DiskFile, start: WalkStart, visitor: WalkVisitor) {
    this.#file = file
    this.#start = start
    this.#visitor = visitor
    this.#nextOffset = start.nextOffset
    this.#leaderEpoch = start.leaderEpoch
  }

  async run(): Promise<WalkEnd> {
    const { sizeBytes } = this.#file
    for (let position = 0; position < sizeBytes && !this.#isStopped; ) {
      this.#badBytes = undefined
      const end = await scanSegment(this.#file, {
        from: position,
        to: sizeBytes,
        reads: 'background',
        visit: (batch, at) => this.#visit(batch, at),
      })
      if (end === sizeBytes || this.#isStopped) break
      position = (await this.#skip(end)) ?? sizeBytes
    }
    return { nextOffset: this.#nextOffset, leaderEpoch: this.#leaderEpoch }
  }

  #visit(batch: RecordBatch, position: number): 'valid' | 'invalid' {
    const { gapsTo, ...start } = this.#start
    const flaw = flawOf(
      batch,
      {
        ...start,
        nextOffset: this.#nextOffset,
        leaderEpoch: this.#leaderEpoch,
        gapsTo: this.#isLost ? Number.MAX_SAFE_INTEGER : gapsTo,
      },
      this.#visitor.crc32c,
    )
    if (flaw?.type === 'checksum') {
      this.#badBytes = batch.sizeBytes
      return 'invalid'
    }
    if (flaw !== undefined && this.#tell({ ...flaw, position, followedBy: 'a batch' }) === 'stop')
      return 'invalid'
    this.#isLost = false
    this.#nextOffset = Math.max(this.#nextOffset, batch.lastOffset + 1)
    this.#leaderEpoch = Math.max(this.#leaderEpoch, batch.partitionLeaderEpoch)
    this.#visitor.pass(batch, position)
    return 'valid'
  }

  /** Tells what is wrong at a position; returns where to go on, if anywhere. */
  async #skip(position: number): Promise<number | undefined> {
    const next = await this.#afterBad(position)
    const about =
      this.#badBytes === undefined
        ? await framingFlaw(this.#file, position)
        : 'its checksum is wrong'
    const type = this.#badBytes === undefined ? 'framing' : 'checksum'
    const followedBy = next === undefined ? 'nothing' : 'a batch'
    this.#isLost = true
    return this.#tell({ type, position, about, followedBy }) === 'stop' ? undefined : next
  }

  /** Where the next batch begins: where the damaged one says, or else at the first that is whole. */
  async #afterBad(position: number): Promise<number | undefined> {
    const end = position + (this.#badBytes ?? 0)
    if (this.#badBytes !== undefined && end + BATCH_HEADER_BYTES <= this.#file.sizeBytes) {
      const header = Buffer.alloc(Math.min(this.#file.sizeBytes - end, BATCH_HEADER_BYTES))
      await this.#file.read(end, header)
      const problem = checkFraming(header, 0)
      if (problem === undefined || problem === 'length beyond bytes') return end
    }
    return position + 1 < this.#file.sizeBytes
      ? findValidBatch(this.#file, position + 1, this.#visitor.crc32c)
      : undefined
  }

  #tell(flaw: Omit<WalkedFlaw, 'offset'>): 'go on' | 'stop' {
    const says = this.#visitor.flaw({ ...flaw, offset: this.#nextOffset })
    if (says === 'stop') this.#isStopped = true
    return says
  }
}
