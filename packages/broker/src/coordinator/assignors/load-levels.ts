/**
 * Members by how many partitions they have, in the order in which they give and get. Taking the one with the fewest
 * (or the most) and putting it back one level higher (or lower) costs the same however many there are.
 */
export class LoadLevels {
  /** Members by load, less the lowest load. */
  readonly #levels: number[][] = []
  readonly #base: number
  readonly #step: 1 | -1
  #level: number
  /** How many of the present level have had their turn. */
  #taken = 0

  /**
   * `loads` gives the load of a member by its index. From the `least` loaded up the load of who is taken grows by one;
   * from the `most` loaded down it shrinks by one.
   */
  constructor(members: Iterable<number>, loads: Int32Array, from: 'least' | 'most') {
    const all = [...members]
    this.#base = all.reduce((lowest, member) => Math.min(lowest, loads[member] ?? 0), Infinity)
    for (const member of all) this.#at((loads[member] ?? 0) - this.#base).push(member)
    this.#step = from === 'least' ? 1 : -1
    this.#level = from === 'least' ? 0 : this.#levels.length - 1
    this.#settle()
  }

  /** The load of the next member; `undefined` when none is left. */
  get load(): number | undefined {
    return this.#next === undefined ? undefined : this.#base + this.#level
  }

  /** The next member, which stays next. */
  get #next(): number | undefined {
    return this.#levels[this.#level]?.[this.#taken]
  }

  /** Takes the next member out. */
  take(): number {
    const member = this.#next ?? -1
    this.#taken += 1
    return member
  }

  /** Puts the member that was taken last one level on, behind those that are there. */
  putBack(member: number): void {
    const level = this.#level + this.#step
    if (level >= 0) this.#at(level).push(member)
  }

  /** Finds the next member after one was taken, and put back or not. */
  advance(): void {
    this.#settle()
  }

  #settle(): void {
    while (this.#level >= 0 && this.#level < this.#levels.length && this.#next === undefined) {
      this.#levels[this.#level] = []
      this.#level += this.#step
      this.#taken = 0
    }
  }

  #at(level: number): number[] {
    while (this.#levels.length <= level) this.#levels.push([])
    return this.#levels[level] ?? []
  }
}
