import type { PatientClock, PatientWatcher } from './patient-clock.ts'
import type { SlicedJob, TurnSlices } from './turn-slices.ts'

/** Deadlines of one slice of time lie together. */
const NEAR_SLICE_MS = 100
/** Those beyond the horizon lie in thicker slices, and are filed again when they come near. */
const FAR_SLICE_MS = 10_000
const HORIZON_MS = 60_000

interface Deadline<Event> {
  readonly key: string
  atMs: number
  event: Event
  /** Not later than `atMs`: a deadline that was put off stays where it lies until that passes. */
  filedMs: number
  slice: Set<Deadline<Event>> | undefined
}

/**
 * The timers of one shard: by key, in patient time. Setting one again, which every heartbeat does, writes two numbers and moves nothing. They
 * fire up to two ticks late and never early.
 */
export class Deadlines<Event> implements PatientWatcher {
  readonly #slices: TurnSlices
  readonly #clock: PatientClock
  readonly #fire: (event: Event, key: string) => void
  readonly #byKey = new Map<string, Deadline<Event>>()
  readonly #near = new Map<number, Set<Deadline<Event>>>()
  readonly #far = new Map<number, Set<Deadline<Event>>>()
  /** The last slices that were looked at. */
  #nearPassed = 0
  #farPassed = 0
  /** Those whose time has come, in order. */
  #due: Deadline<Event>[] = []
  #isFiring = false

  /** `fire` gets the events one by one, with the keys under which they stood, and may set and cancel. */
  constructor(slices: TurnSlices, clock: PatientClock, fire: (event: Event, key: string) => void) {
    this.#slices = slices
    this.#clock = clock
    this.#fire = fire
  }

  get size(): number {
    return this.#byKey.size
  }

  get hasNear(): boolean {
    return this.#near.size > 0
  }

  /** Whether something stands under the key. */
  has(key: string): boolean {
    return this.#byKey.has(key)
  }

  /** Fires `event` at `atMs`, in place of what stands under the key. */
  set(key: string, atMs: number, event: Event): void {
    const known = this.#byKey.get(key)
    if (known === undefined) {
      if (this.#byKey.size === 0) this.#begin()
      const deadline = { key, atMs, event, filedMs: atMs, slice: undefined }
      this.#byKey.set(key, deadline)
      this.#file(deadline)
      return
    }
    known.event = event
    known.atMs = atMs
    if (known.slice !== undefined && atMs >= known.filedMs) return
    this.#takeOut(known)
    this.#file(known)
  }

  cancel(key: string): void {
    const deadline = this.#byKey.get(key)
    if (deadline === undefined) return
    this.#byKey.delete(key)
    this.#takeOut(deadline)
    if (this.#byKey.size === 0) this.#clock.unwatch(this)
  }

  /** Cancels all. */
  clear(): void {
    this.#byKey.clear()
    this.#near.clear()
    this.#far.clear()
    this.#due = []
    this.#slices.drop(this.#firing)
    this.#isFiring = false
    this.#clock.unwatch(this)
  }

  tick(nowMs: number): void {
    const reached = Math.floor((nowMs + HORIZON_MS) / FAR_SLICE_MS)
    while (this.#farPassed < reached) {
      this.#farPassed++
      for (const deadline of takeSlice(this.#far, this.#farPassed)) this.#file(deadline)
    }
    const due: Deadline<Event>[] = []
    while (this.#nearPassed < Math.floor(nowMs / NEAR_SLICE_MS)) {
      this.#nearPassed++
      for (const deadline of takeSlice(this.#near, this.#nearPassed)) {
        if (deadline.atMs > nowMs) this.#file(deadline)
        else due.push(deadline)
      }
    }
    for (const deadline of due.sort((one, other) => one.atMs - other.atMs)) this.#due.push(deadline)
    if (this.#isFiring || this.#due.length === 0) return
    this.#isFiring = true
    this.#slices.atOnce(this.#firing)
  }

  readonly #firing: SlicedJob = {
    goOn: isOver => {
      const due = this.#due
      let count = 0
      do {
        const deadline = due[count++]
        if (deadline === undefined) break
        // An event before it may have cancelled it, or set it again: then it lies in a slice.
        if (this.#byKey.get(deadline.key) !== deadline || deadline.slice !== undefined) continue
        this.#byKey.delete(deadline.key)
        this.#fire(deadline.event, deadline.key)
      } while (!isOver())
      // It was cleared within the call.
      if (due !== this.#due) return false
      this.#due = due.slice(count)
      if (this.#due.length > 0) return true
      this.#isFiring = false
      if (this.#byKey.size === 0) this.#clock.unwatch(this)
      return false
    },
  }

  #begin(): void {
    const { nowMs } = this.#clock
    this.#near.clear()
    this.#far.clear()
    this.#nearPassed = Math.floor(nowMs / NEAR_SLICE_MS)
    this.#farPassed = Math.floor((nowMs + HORIZON_MS) / FAR_SLICE_MS)
  }

  #file(deadline: Deadline<Event>): void {
    const { atMs } = deadline
    deadline.filedMs = atMs
    const farNumber = Math.floor(atMs / FAR_SLICE_MS)
    const isFar = farNumber > this.#farPassed
    deadline.slice = isFar
      ? sliceOf(this.#far, farNumber)
      : sliceOf(this.#near, Math.max(Math.ceil(atMs / NEAR_SLICE_MS), this.#nearPassed + 1))
    deadline.slice.add(deadline)
    this.#clock.watch(this)
  }

  /** Slices that are empty stay until their time: there are few. */
  #takeOut(deadline: Deadline<Event>): void {
    deadline.slice?.delete(deadline)
    deadline.slice = undefined
  }
}

function sliceOf<T>(slices: Map<number, Set<T>>, number: number): Set<T> {
  const known = slices.get(number)
  if (known !== undefined) return known
  const slice = new Set<T>()
  slices.set(number, slice)
  return slice
}

function takeSlice<Event>(
  slices: Map<number, Set<Deadline<Event>>>,
  number: number,
): readonly Deadline<Event>[] {
  const slice = slices.get(number)
  if (slice === undefined) return []
  slices.delete(number)
  const taken = [...slice]
  for (const deadline of taken) deadline.slice = undefined
  return taken
}
