/** The end of a segment at one moment. */
export interface SegmentMark {
  readonly sizeBytes: number
  readonly firstTimestamp: number | undefined
  readonly maxTimestamp: number | undefined
  readonly offsetOfMaxTimestamp: number
  readonly bytesSinceIndexEntry: number
  readonly offsetsCount: number
  readonly timesCount: number
  readonly transactionsCount: number
}
