/** A record, or several at once, that the reader has and is not done with. */
export interface Delivery {
  /** Of the first record. */
  readonly offset: number
  isHandled: boolean
  /** The reader went away with it: nobody waits for it any more, and it does not count as handled. */
  isAbandoned: boolean
}

/** When so many handled deliveries stand at the front, their places are freed. */
const COMPACT_AFTER = 1024

/** What was handed out of one partition and is not handled yet, in order: what comes before it may be committed. */
export class InHand {
  #deliveries: Delivery[] = []
  #first = 0
  #busy = 0

  /** Whether somebody is at work on any of it. */
  get isBusy(): boolean {
    return this.#busy > 0
  }

  /** The first offset that is not handled; undefined when all are. */
  get firstOffset(): number | undefined {
    return this.#deliveries[this.#first]?.offset
  }

  /** How many deliveries stand between the first one that is not handled and the last. */
  get length(): number {
    return this.#deliveries.length - this.#first
  }

  add(offset: number): Delivery {
    const delivery = { offset, isHandled: false, isAbandoned: false }
    this.#deliveries.push(delivery)
    this.#busy += 1
    return delivery
  }

  handled(delivery: Delivery): void {
    if (delivery.isHandled) return
    delivery.isHandled = true
    if (!delivery.isAbandoned) this.#busy -= 1
    while (this.#deliveries[this.#first]?.isHandled === true) this.#first += 1
    if (this.#first === this.#deliveries.length) {
      this.#deliveries.length = 0
      this.#first = 0
    } else if (this.#first >= COMPACT_AFTER) {
      this.#deliveries = this.#deliveries.slice(this.#first)
      this.#first = 0
    }
  }

  abandon(delivery: Delivery): void {
    if (delivery.isHandled || delivery.isAbandoned) return
    delivery.isAbandoned = true
    this.#busy -= 1
  }
}
