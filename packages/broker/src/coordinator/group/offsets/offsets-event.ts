/** What the timers of committed offsets fire. */
export type OffsetsEvent =
  /** Looks for expired offsets, and groups that nothing is left of: all of them, or those that are left of this round. */
  | { readonly type: 'offsets-expire'; readonly left: LeftGroups | undefined }
  /** Topics were deleted, and not all of their offsets could be taken away at once. */
  | {
      readonly type: 'offsets-topics-deleted'
      readonly topics: DeletedTopics
      readonly left: LeftGroups
      /** The metadata that deleted them; names the timer. */
      readonly revision: number
    }

/** The groups from `next` on are still to be looked at. */
export interface LeftGroups {
  readonly groupIds: readonly string[]
  readonly next: number
}

/** Topic ids by name. */
export type DeletedTopics = ReadonlyMap<string, string>
