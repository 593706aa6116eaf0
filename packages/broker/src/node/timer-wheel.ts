/**
 * A hierarchical timer wheel: levels of 64 slots, each level 64 times coarser than the one below. Starting and cancelling a
 * timer costs a list insertion; a timer moves down a level at most once per level. It knows no clock: its owner says
 * what tick it is (one tick is a millisecond) and asks when to come back.
 */
import type { Timer } from '../world.ts'

const SLOT_BITS = 6
const SLOTS = 1 << SLOT_BITS
const LEVELS = 5
/** The farthest tick a timer can be filed under; later ones wait in the last slot of the top level and are filed again. */
const TICKS_MAX = SLOTS ** LEVELS

export class TimerWheel {
  readonly #levels: Entry[][] = []
  readonly #counts: number[] = []
  #tick: number
  #size = 0

  constructor(tick: number) {
    this.#tick = tick
    for (let level = 0; level < LEVELS; level++) {
      this.#levels.push(Array.from({ length: SLOTS }, () => new Entry(0, undefined, undefined)))
      this.#counts.push(0)
    }
  }

  /** Timers that have neither fired nor been cancelled. */
  get size(): number {
    return this.#size
  }

  /** Files a timer that is due at `tick`; one that is due already fires at the next `advance`. */
  add(tick: number, fire: () => void): Timer & { readonly dueTick: number } {
    const entry = new Entry(Math.max(tick, this.#tick + 1), fire, this)
    this.#file(entry)
    this.#size++
    return entry
  }

  /** Fires, in order of their due ticks, all timers due at or before `tick`. A timer added meanwhile is due later at the earliest. */
  advance(tick: number, run: (fire: () => void) => void): void {
    while (this.#tick < tick) {
      const next = this.#size === 0 ? tick : Math.min(this.nextTick() ?? tick, tick)
      this.#tick = next
      for (let level = LEVELS - 1; level > 0; level--) {
        if (next % SLOTS ** level === 0) this.#cascade(level)
      }
      this.#fireSlot(run)
    }
  }

  /** The tick at which `advance` has something to do: never later than the earliest timer, sometimes earlier. Undefined when idle. */
  nextTick(): number | undefined {
    if (this.#size === 0) return undefined
    let earliest: number | undefined
    for (let level = 0; level < LEVELS; level++) {
      if (this.#counts[level] === 0) continue
      const width = SLOTS ** level
      const current = Math.floor(this.#tick / width)
      for (let ahead = 1; ahead <= SLOTS; ahead++) {
        const head = this.#levels[level]![(current + ahead) % SLOTS]!
        if (head.next === head) continue
        const at = (current + ahead) * width
        if (earliest === undefined || at < earliest) earliest = at
        break
      }
    }
    return earliest
  }

  /** For `Entry` alone. */
  removed(level: number): void {
    this.#counts[level]!--
    this.#size--
  }

  #file(entry: Entry): void {
    const ahead = Math.min(entry.dueTick - this.#tick, TICKS_MAX - SLOTS ** (LEVELS - 1))
    let level = 0
    while (level < LEVELS - 1 && ahead >= SLOTS ** (level + 1)) level++
    const width = SLOTS ** level
    const slot = Math.floor((this.#tick + ahead) / width) % SLOTS
    // A slot that is the current one of its level was passed already and comes round only after a whole turn: the level below
    // always has room for what is due within it, because `ahead` is smaller than that level's turn.
    entry.level = level
    this.#counts[level]!++
    entry.linkBefore(this.#levels[level]![slot]!)
  }

  #cascade(level: number): void {
    const head = this.#levels[level]![Math.floor(this.#tick / SLOTS ** level) % SLOTS]!
    const entries = head.takeAll()
    this.#counts[level]! -= entries.length
    for (const entry of entries) this.#refile(entry)
  }

  #refile(entry: Entry): void {
    if (entry.dueTick > this.#tick) this.#file(entry)
    else {
      entry.level = 0
      this.#counts[0]!++
      entry.linkBefore(this.#levels[0]![this.#tick % SLOTS]!)
    }
  }

  #fireSlot(run: (fire: () => void) => void): void {
    const head = this.#levels[0]![this.#tick % SLOTS]!
    // What a fired timer adds is due at a later tick, so it can share this slot only a whole turn later: take what is due now.
    while (head.next !== head) {
      const entry = head.next
      if (entry.dueTick > this.#tick) break
      const fire = entry.fire
      entry.cancel()
      if (fire !== undefined) run(fire)
    }
  }
}

class Entry implements Timer {
  readonly dueTick: number
  fire: (() => void) | undefined
  level = 0
  next: Entry = this
  previous: Entry = this
  #wheel: TimerWheel | undefined

  constructor(dueTick: number, fire: (() => void) | undefined, wheel: TimerWheel | undefined) {
    this.dueTick = dueTick
    this.fire = fire
    this.#wheel = wheel
  }

  cancel(): void {
    if (this.#wheel === undefined) return
    this.#unlink()
    this.#wheel.removed(this.level)
    this.#wheel = undefined
    this.fire = undefined
  }

  linkBefore(head: Entry): void {
    this.next = head
    this.previous = head.previous
    head.previous.next = this
    head.previous = this
  }

  takeAll(): Entry[] {
    const taken: Entry[] = []
    while (this.next !== this) {
      const entry = this.next
      entry.#unlink()
      taken.push(entry)
    }
    return taken
  }

  #unlink(): void {
    this.previous.next = this.next
    this.next.previous = this.previous
    this.next = this
    this.previous = this
  }
}
