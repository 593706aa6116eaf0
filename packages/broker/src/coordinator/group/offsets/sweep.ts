import type { GroupChange } from '../change.ts'
import type { LeftGroups } from './offsets-event.ts'

/** What one decision may take away: more would hold the event loop for milliseconds. */
const TOMBSTONES_MAX = 1_000
/** How many offsets one decision looks at before it stops at the next group. */
const LOOKS_MAX = 10_000

/** What a stretch of a sweep has come to so far. */
export interface Stretch {
  readonly changes: GroupChange[]
  /** Counts what was looked at. */
  looks: number
}

export function isFull(stretch: Stretch): boolean {
  return stretch.changes.length >= TOMBSTONES_MAX
}

/**
 * Looks at the groups from where the last stretch ended. A group that has more to take away than this stretch has room for is
 * looked at again in the next. `left` is undefined when all were seen.
 */
export function sweepStretch(
  { groupIds, next }: LeftGroups,
  sweepGroup: (groupId: string, stretch: Stretch) => void,
): { readonly changes: readonly GroupChange[]; readonly left: LeftGroups | undefined } {
  const stretch: Stretch = { changes: [], looks: 0 }
  for (let place = next; place < groupIds.length; place++) {
    if (stretch.looks >= LOOKS_MAX)
      return { changes: stretch.changes, left: { groupIds, next: place } }
    sweepGroup(groupIds[place] as string, stretch)
    stretch.looks += 1
    if (isFull(stretch)) return { changes: stretch.changes, left: { groupIds, next: place } }
  }
  return { changes: stretch.changes, left: undefined }
}
