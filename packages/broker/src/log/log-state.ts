import type { LeaderEpochs } from './leader-epochs.ts'
import type { ProducerState } from './producer-state.ts'
import type { MarkPlace } from './recovery-marks.ts'
import type { SegmentList } from './segment-list.ts'

/** Which log it is, and where. */
export interface LogIdentity {
  readonly topic: string
  readonly topicId: string
  readonly partition: number
  /** The folder of the partition. */
  readonly directory: string
}

/** A log as it was loaded. */
export interface LogState {
  readonly segments: SegmentList
  readonly producers: ProducerState
  readonly leaderEpochs: LeaderEpochs
  readonly logStartOffset: number
  readonly logEndOffset: number
  /** `clean`: the files beside the segments say all that they would be made to say at a stop now. */
  readonly lastStop: 'clean' | 'unclean'
  /** The recovery mark that lies in the folder; any other file of that name was removed, or goes when a new one is written. */
  readonly mark?: MarkPlace | undefined
  /** A note of damage lies beside it (`damage-note.ts`), and speaks of nothing that is so. */
  readonly hasOldNote?: boolean
  /** False for a log that nothing was ever appended to, and whose folder waits for that. */
  readonly hasFolder: boolean
}
