/** A map in the making: the one that it begins as is copied when it is first written, and no more often. */
export class DraftMap<K, V> {
  #map: ReadonlyMap<K, V>
  #own: Map<K, V> | undefined

  constructor(map: ReadonlyMap<K, V>) {
    this.#map = map
  }

  /** The map as it is now; of no use to who writes on. */
  get map(): ReadonlyMap<K, V> {
    return this.#map
  }

  get(key: K): V | undefined {
    return this.#map.get(key)
  }

  has(key: K): boolean {
    return this.#map.has(key)
  }

  /** Sets the entry, or removes it when the value is undefined. */
  put(key: K, value: V | undefined): void {
    this.#own ??= new Map(this.#map)
    this.#map = this.#own
    if (value === undefined) this.#own.delete(key)
    else this.#own.set(key, value)
  }
}
