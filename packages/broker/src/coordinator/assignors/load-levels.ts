import { assert } from '../../assert.ts'

/**
 * Members by how many partitions they have, in the order in which they give and get. Taking the one with the fewest
 * (or the most) and putting it back one level higher (or lower) costs the same however many there are.
 */
export class LoadLevels {
  readonly #levels = new Map<number, number[]>()
  readonly #step: 1 | -1
  readonly #last: number
  #level: number
  /** How many of the present level have had their turn. */
  #taken = 0

  /**
   * `loads` gives the load of a member by its index. From the `least` loaded up the load of who is taken grows by one;
   * from the `most` loaded down it shrinks by one.
   */
  constructor(members: Iterable<number>, loads: Int32Array, from: 'least' | 'most') {
    let fewest = Infinity
    let most = 0
    for (const member of members) {
      const load = loads[member] ?? 0
      fewest = Math.min(fewest, load)
      most = Math.max(most, load)
      this.#put(member, load)
    }
    this.#step = from === 'least' ? 1 : -1
    this.#level = from === 'least' ? fewest : most
    this.#last = from === 'least' ? Infinity : 0
  }

  /** The load of the next member; `undefined` when none is left. */
  nextLoad(): number | undefined {
    while (this.#next === undefined) {
      this.#levels.delete(this.#level)
      if (this.#levels.size === 0 || this.#level === this.#last) return undefined
      this.#level += this.#step
      this.#taken = 0
    }
    return this.#level
  }

  /** Takes out the next member, of which there must be one. */
  take(): number {
    this.nextLoad()
    const member = this.#next
    assert(member !== undefined, 'A member is taken only while there is one.')
    this.#taken += 1
    return member
  }

  /** Puts the member that was taken last one level on, behind those that are there. */
  putBack(member: number): void {
    this.#put(member, this.#level + this.#step)
  }

  get #next(): number | undefined {
    return this.#levels.get(this.#level)?.[this.#taken]
  }

  #put(member: number, load: number): void {
    const level = this.#levels.get(load)
    if (level === undefined) this.#levels.set(load, [member])
    else level.push(member)
  }
}
