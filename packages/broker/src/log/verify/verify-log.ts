/** Verifies the files of one log against each other, without changing anything: what is wrong, where, and whether it was durable (L5). */
import type { Crc32c, RecordBatch } from '@varve/protocol'
import type { Disk } from '../../world.ts'
import { withDamageNote } from '../damage-note.ts'
import type { RecoveredLog } from '../journal/entry.ts'
import { durableEndOf, type LoadOptions } from '../load-options.ts'
import { entryOf } from '../segment-entry.ts'
import { segmentFileName } from '../segment-files.ts'
import { EpochCheck } from './epoch-check.ts'
import type { Finding, FindingKind } from './finding.ts'
import { markedPoint } from './marked-point.ts'
import { type OfflineFolder, offlineFolder } from './offline-folder.ts'
import { openPlaced } from './open-placed.ts'
import { type PlacedSegment, segmentsOf } from './placed-segments.ts'
import { openIndexChecks } from './segment-indexes.ts'
import { openProducerCheck, type SnapshotCheck } from './snapshot-check.ts'
import { type WalkedFlaw, walkSegment } from './walk-segment.ts'

/** What is known about a log beside its own folder. */
export interface LogToVerify {
  /** The absolute path of the folder, and its name in the data folder. */
  readonly directory: string
  readonly folder: string
  /** `metadata`: a batch is only torn if none comes after it, for each was synced before the next. */
  readonly kind: 'partition' | 'metadata'
  readonly lastStop: 'clean' | 'unclean'
  /** What the checkpoint files say; 0 where they say nothing. */
  readonly recoveryPoint: number
  readonly logStartOffset: number
  readonly cleanedTo: number
  /** Whether one of these files is damaged. */
  readonly isSuspect?: boolean
  /** What the journal knows of it. */
  readonly recovered: RecoveredLog | undefined
}

export interface VerifyTools {
  readonly disk: Disk
  readonly crc32c: Crc32c
}

export interface VerifiedLog {
  readonly folder: string
  readonly segmentCount: number
  readonly batchCount: number
  readonly sizeBytes: number
  /** The first offset of the log and the one behind its last record. */
  readonly startOffset: number
  readonly endOffset: number
  readonly findings: readonly Finding[]
}

/** Rejects with a `DiskError` when a file cannot be read. */
export async function verifyLog(log: LogToVerify, tools: VerifyTools): Promise<VerifiedLog> {
  const noted = await withDamageNote(tools.disk, log.directory, {
    lastStop: log.lastStop,
    recovered: log.recovered,
    recoveryPoint: log.recoveryPoint,
    logStartOffset: log.logStartOffset,
    compactedTo: log.cleanedTo,
    isSuspect: log.isSuspect === true,
    missingFolder: 'leave',
  })
  const folder = (await offlineFolder(tools.disk, log.directory)) ?? NOTHING
  const marked = await markedPoint({ ...log, ...noted }, folder, tools)
  const recoveryPoint = Math.max(noted.recoveryPoint, marked?.offset ?? 0)
  const options = { ...noted, recoveryPoint }
  // What is known of the segment of a mark is taken from there, whatever its other files say.
  const madeFrom = Math.max(noted.recoveryPoint, marked?.segmentBaseOffset ?? 0)
  const isNoted = options.recovered !== log.recovered
  const known = { ...log, ...options, durableEnd: durableEndOf(options), madeFrom, isNoted }
  return new LogVerification(known, folder, tools).run()
}

const NOTHING: OfflineFolder = {
  ...{ segments: [], empty: [], leftovers: [], damaged: [] },
  files: new Map(),
}

interface KnownLog extends LogToVerify, LoadOptions {
  /** Everything below was durable. */
  readonly durableEnd: number
  /** Beyond it the next start makes anew what the files beside the segments say. */
  readonly madeFrom: number
  /** Whether a broker has found the log damaged before. */
  readonly isNoted: boolean
}

class LogVerification {
  readonly #log: KnownLog
  readonly #folder: OfflineFolder
  readonly #tools: VerifyTools
  readonly #findings: Finding[] = []
  #nextOffset = 0
  #leaderEpoch = -1
  #batchCount = 0
  #sizeBytes = 0
  /** A bad batch was found: what comes after it says nothing about files that repeat the log. */
  #isDamaged = false
  #isTorn = false

  constructor(log: KnownLog, folder: OfflineFolder, tools: VerifyTools) {
    this.#log = log
    this.#folder = folder
    this.#tools = tools
  }

  async run(): Promise<VerifiedLog> {
    const { folder, logStartOffset, directory } = this.#log
    const { segments, isStartLost, emptyEnd } = segmentsOf(this.#folder, this.#log)
    const startOffset = Math.max(segments[0]?.baseOffset ?? 0, logStartOffset)
    this.#nextOffset = segments[0]?.baseOffset ?? logStartOffset
    this.#leftovers()
    for (const name of this.#folder.damaged)
      this.#find('corruption', name, 'This cleaned segment was whole once, and cannot be read.')
    const epochs = await EpochCheck.open(this.#tools.disk, directory, startOffset)
    const producers = await openProducerCheck(
      { directory, files: this.#folder.files, first: this.#nextOffset },
      this.#log,
      this.#tools,
    )
    const filled = isStartLost ? this.#passLostStart(segments) : segments
    for (const [index, segment] of filled.entries()) {
      const next = filled[index + 1]?.baseOffset
      if (this.#isTorn || !this.#continues(segment)) this.#beyondEnd(segment)
      else await this.#verifySegment(segment, next, { epochs, producers })
    }
    const hasEmptyEnd = emptyEnd !== undefined && this.#endsIn(emptyEnd)
    const segmentCount = segments.length + (hasEmptyEnd ? 1 : 0)
    this.#end(epochs, producers)
    return {
      ...{ folder, segmentCount, batchCount: this.#batchCount },
      ...{ sizeBytes: this.#sizeBytes, startOffset: Math.min(startOffset, this.#nextOffset) },
      ...{ endOffset: this.#nextOffset, findings: this.#findings },
    }
  }

  #leftovers(): void {
    const [name, ...others] = this.#folder.leftovers
    if (name === undefined) return
    const it = others.length === 0 ? 'It is' : `It and others (${others.length}) are`
    this.#find('leftover', name, `${it} left from a deletion, a compaction or a recovery.`)
  }

  async #verifySegment(
    segment: PlacedSegment,
    next: number | undefined,
    checks: { readonly epochs: EpochCheck; readonly producers: SnapshotCheck },
  ): Promise<void> {
    const { baseOffset } = segment
    const name = nameOf(segment)
    this.#nextOffset = Math.max(this.#nextOffset, baseOffset)
    const wasDamaged = this.#isDamaged
    const batches = this.#batchCount
    const indexes = await openIndexChecks(this.#log.directory, segment, this.#tools.disk)
    const file = await openPlaced(this.#log.directory, segment, this.#tools.disk)
    this.#sizeBytes += file.sizeBytes
    try {
      const end = await walkSegment(
        file,
        {
          ...{ segmentBaseOffset: baseOffset, nextOffset: this.#nextOffset },
          ...{ leaderEpoch: this.#leaderEpoch, gapsTo: this.#gapsTo },
          endOffset: next ?? Number.MAX_SAFE_INTEGER,
        },
        {
          crc32c: this.#tools.crc32c,
          flaw: flaw => this.#flaw(name, flaw, next),
          pass: (batch, position) => {
            this.#batchCount++
            this.#nextOffset = batch.lastOffset + 1
            indexes.pass({ ...entryOf(batch), position })
            if (!this.#isDamaged) this.#pass(batch, checks)
          },
        },
      )
      this.#nextOffset = end.nextOffset
      this.#leaderEpoch = end.leaderEpoch
    } finally {
      await file.close()
    }
    const aborted = indexes.end({ isSealed: next !== undefined || this.#log.lastStop === 'clean' })
    if (wasDamaged || this.#isDamaged || this.#isRebuilt(this.#nextOffset)) return
    for (const { kind, about } of indexes.flaws)
      this.#find('wrong index', segmentFileName(baseOffset, kind), about)
    const about = checks.producers.endSegment(baseOffset, aborted)
    if (about !== undefined && this.#batchCount > batches)
      this.#find('wrong index', segmentFileName(baseOffset, 'txnindex'), about)
  }

  #pass(
    batch: RecordBatch,
    { epochs, producers }: { readonly epochs: EpochCheck; readonly producers: SnapshotCheck },
  ): void {
    producers.reach(batch.baseOffset)
    producers.pass(batch)
    if (!this.#isRebuilt(batch.lastOffset + 1)) epochs.pass(batch)
  }

  /** Whether a start makes anew what the files beside the segments say about the log up to `offset`. */
  #isRebuilt(offset: number): boolean {
    return this.#log.lastStop === 'unclean' && offset > this.#log.madeFrom
  }

  /** As recovery has it; a clean start believes that there are none but those of compaction. */
  get #gapsTo(): number {
    const { lastStop, recoveryPoint, cleanedTo } = this.#log
    return lastStop === 'unclean' ? Math.max(recoveryPoint, cleanedTo) : cleanedTo
  }

  /** Of a first segment that is empty while the next one does not begin there: a start ends the log at it. Returns the segments behind it. */
  #passLostStart([start, ...others]: readonly PlacedSegment[]): readonly PlacedSegment[] {
    const [next] = others
    if (start === undefined || next === undefined) return others
    const end = start.baseOffset
    const { durableEnd } = this.#log
    const at = { position: 0, offset: end }
    const about = `It is empty, and the next segment begins at offset ${next.baseOffset}: a start takes offset ${end} for the end of the log.`
    if (end >= durableEnd) {
      this.#isTorn = true
      this.#find('torn tail', nameOf(start), about, at)
      return others
    }
    this.#isDamaged = true
    const promised = `${about} The log was durable up to ${durableEnd}.`
    this.#find('lost records', nameOf(start), promised, at)
    this.#nextOffset = next.baseOffset
    return others
  }

  /** Whether the log goes on in this segment. Where it does not, and was durable no further, a start ends it before. */
  #continues(segment: PlacedSegment): boolean {
    const { baseOffset } = segment
    const end = this.#nextOffset
    if (baseOffset === end || (baseOffset > end && baseOffset <= this.#gapsTo)) return true
    const at = { position: 0, offset: end }
    if (baseOffset < end) {
      this.#isDamaged = true
      const about = `It begins before offset ${end}, where the segment before ends.`
      this.#find('corruption', nameOf(segment), about, at)
    } else if (!this.#isDamaged) {
      if (this.#mayBeTorn(end, 'a batch')) {
        this.#isTorn = true
        return false
      }
      this.#gap(nameOf(segment), `The segment before ends at offset ${end}, before it begins.`, at)
    }
    return true
  }

  /** Whether an empty segment at the recovery point is where the log ends. A start asks the same, and takes the hole for one of compaction if there ever was one. */
  #endsIn(segment: PlacedSegment): boolean {
    const { baseOffset } = segment
    const end = this.#nextOffset
    if (this.#isTorn || end >= baseOffset) return false
    this.#nextOffset = baseOffset
    const { cleanedTo, logStartOffset } = this.#log
    if (this.#isDamaged || baseOffset <= Math.max(cleanedTo, logStartOffset)) return true
    const about = `It is empty, and says that the log ends at offset ${baseOffset}; the segment before ends at offset ${end}.`
    this.#gap(nameOf(segment), about, { position: 0, offset: end })
    return true
  }

  #gap(name: string, about: string, at: Pick<Finding, 'position' | 'offset'>): void {
    const wasCompacted = this.#log.cleanedTo > 0
    this.#isDamaged ||= !wasCompacted
    this.#find(wasCompacted ? 'gap' : 'lost records', name, about, at)
  }

  #flaw(name: string, flaw: WalkedFlaw, next: number | undefined): 'go on' | 'stop' {
    const { position, offset, followedBy } = flaw
    const about = `The record batch at position ${position} is bad: ${flaw.about}.`
    const at = { position, offset }
    if (flaw.type === 'gap' && this.#log.cleanedTo > 0) {
      this.#gap(name, about, at)
      return 'go on'
    }
    // A write that failed and was taken back may have left something where a segment ends.
    const isWaste = followedBy === 'nothing' && offset === next
    if (isWaste || this.#mayBeTorn(offset, followedBy)) {
      this.#find('torn tail', name, about, at)
      this.#isTorn = !isWaste
      return 'stop'
    }
    this.#isDamaged = true
    this.#find(flaw.type === 'gap' ? 'lost records' : 'corruption', name, about, at)
    return 'go on'
  }

  #mayBeTorn(offset: number, followedBy: WalkedFlaw['followedBy']): boolean {
    const { lastStop, kind, durableEnd } = this.#log
    if (lastStop === 'clean') return false
    return kind === 'metadata' ? followedBy === 'nothing' : offset >= durableEnd
  }

  #beyondEnd(segment: PlacedSegment): void {
    const at = { position: 0, offset: segment.baseOffset }
    const about = `It lies beyond the end of the log, which is at offset ${this.#nextOffset}.`
    this.#find('torn tail', nameOf(segment), about, at)
  }

  #end(epochs: EpochCheck, producers: SnapshotCheck): void {
    const end = this.#nextOffset
    const { durableEnd, kind, isNoted } = this.#log
    const at = { position: undefined, offset: end }
    if (end < durableEnd)
      this.#find(
        'lost records',
        '',
        `The log ends at offset ${end}, and was durable up to ${durableEnd}.`,
        at,
      )
    else if (isNoted && !this.#isDamaged)
      this.#find(
        'leftover',
        'damaged',
        'A broker has found the log damaged. It is whole now, and the next start takes it.',
      )
    if (this.#isDamaged || kind === 'metadata') return
    producers.reach(end)
    for (const { offset, of, about } of producers.flaws)
      if (!this.#isRebuilt(offset))
        this.#find(`wrong ${of}`, segmentFileName(offset, of), about, {
          position: undefined,
          offset,
        })
    const about = epochs.flawAt(end, this.#log.lastStop)
    if (about !== undefined) this.#find('wrong leader epochs', 'leader-epoch-checkpoint', about)
  }

  #find(
    kind: FindingKind,
    name: string,
    about: string,
    at: Pick<Finding, 'position' | 'offset'> = { position: undefined, offset: undefined },
  ): void {
    const file = name === '' ? this.#log.folder : `${this.#log.folder}/${name}`
    this.#findings.push({ kind, file, ...at, about })
  }
}

function nameOf({ baseOffset, name }: PlacedSegment): string {
  return name ?? segmentFileName(baseOffset, 'log')
}
