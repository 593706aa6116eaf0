/** What a log tells the journal about bytes that it has just written to a segment, and what the journal gives back after a crash. */

/** Where a run of batches lies: in which partition, at which offsets, and at which byte of which segment. */
export interface JournalPlace {
  /** The topic id in Kafka's base64url form. */
  readonly topicId: string
  readonly partition: number
  readonly leaderEpoch: number
  readonly baseOffset: number
  /** The offset after the last record of the run. */
  readonly endOffset: number
  /** The base offset of the segment, which is the name of its file. */
  readonly segmentBaseOffset: number
  /** The byte position of the run in the segment file. */
  readonly segmentPosition: number
}

/** Batches whose bytes go through the journal: the segment needs no sync now, a crash is repaired from the journal. */
export interface JournaledBytes extends JournalPlace {
  readonly type: 'bytes'
  /** The bytes as they were written to the segment. They may not change any more. */
  readonly parts: readonly Uint8Array[]
}

/** A large run that is not copied: the journal only says where it lies, and its segment is synced in the same group. */
export interface JournaledExtent extends JournalPlace {
  readonly type: 'extent'
  readonly sizeBytes: number
  /** The segment that holds it. The same object for the same segment: a group syncs each once. */
  readonly segment: SyncableSegment
}

export type JournalEntry = JournaledBytes | JournaledExtent

/** A segment file that can be made durable. */
export interface SyncableSegment {
  /**
   * Makes all bytes of the segment durable, and its name too when the file is new (L7: sync its folder). Rejects with a
   * `DiskError` when that failed; resolves when the segment was deleted meanwhile.
   */
  sync(): Promise<void>
}

/** An entry found in the journal after a crash. */
export type RecoveredEntry = RecoveredBytes | RecoveredExtent

/**
 * Bytes that must be in the segment: write them at their place when the segment does not hold them already. A run that was too
 * large for one group comes in pieces that follow each other in the segment, cut at any byte; all but the last have `endOffset`
 * equal to `baseOffset`. The first pieces may be missing when the segment is known to hold them.
 */
export interface RecoveredBytes extends JournalPlace {
  readonly type: 'bytes'
  readonly sizeBytes: number
  /** Reads the bytes out of the journal; their checksum was verified when the journal was opened. */
  read(): Promise<Uint8Array>
}

/** A run that the journal knows of but does not hold. Below the durable offset it must be in the segment, whole and valid. */
export interface RecoveredExtent extends JournalPlace {
  readonly type: 'extent'
  readonly sizeBytes: number
}

/** What the journal knows of one partition after a crash. */
export interface RecoveredLog {
  readonly topicId: string
  readonly partition: number
  /**
   * Everything below this offset was durable before the crash: a bad or missing batch below it is corruption (L5), one at
   * or above it a torn tail. Undefined when the journal carries none; the recovery point decides then.
   */
  readonly durableOffset: number | undefined
  /** In the order in which they were written. Some may lie in segments already, or below the log's start by now. */
  readonly entries: readonly RecoveredEntry[]
}
