import type { Answer, TimerChange, Work } from '../../runtime/decision.ts'
import type { GroupChange } from '../change.ts'
import type { GroupEvent } from '../event.ts'

/** A decision on its way: each step of it adds what it wants done. */
export interface Draft {
  readonly changes: GroupChange[]
  readonly answers: Answer[]
  readonly timers: TimerChange<GroupEvent>[]
  readonly work: Work<GroupEvent>[]
}

export function newDraft(): Draft {
  return { changes: [], answers: [], timers: [], work: [] }
}
