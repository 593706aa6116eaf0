import type { MetadataImage } from '../../metadata/image.ts'

/** All that a decision may know besides the state of its shard and the request. */
export interface Moment<Rules> {
  /** The wall clock, in milliseconds since 1970: for timestamps in records. */
  readonly nowMs: number
  /**
   * Milliseconds on a clock that stands still while the event loop is stalled or the machine sleeps: for deadlines. Who could not be
   * heard is not late.
   */
  readonly patientMs: number
  readonly image: MetadataImage
  /** The settings that decisions depend on. */
  readonly rules: Rules
}
