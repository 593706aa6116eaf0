/** The limits of compaction that hold for the whole broker. They may change while it runs. */
export interface CompactionLimits {
  /** `log.cleaner.enable`. */
  readonly isEnabled: boolean
  /** `log.cleaner.backoff.ms`: the pause when there is nothing to clean. */
  readonly backoffMs: number
  /** `log.cleaner.dedupe.buffer.size`: the most memory for the map from keys to offsets. */
  readonly mapBytesMax: number
  /** `log.cleaner.io.buffer.load.factor`: the share of the map's slots that may be taken. */
  readonly mapLoadMax: number
  /** `log.cleaner.io.buffer.size`: how much is read at once. A larger batch takes more. */
  readonly readBytes: number
  /** `log.cleaner.io.max.bytes.per.second`: read and written together. */
  readonly bytesPerSecondMax: number
}
