/** What the timers of committed offsets fire. */
export interface OffsetsEvent {
  readonly type: 'expire-offsets'
}
