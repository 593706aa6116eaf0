/** What may become of a request on its way: it arrives, it is late, it comes twice, or its answer is lost. */
import type { Api, RequestInput, ResponseOf } from '@varve/protocol'
import type { Random } from '../../packages/broker/src/world.ts'
import type { Link, WholeBroker } from './whole-broker.ts'

export interface Message<A extends Api = Api> {
  readonly api: A
  readonly version: number
  readonly request: RequestInput<A>
}

/** `prompt` requests are never late and never repeated, for nothing in them says to which transaction they belong. */
export type Fates = 'any' | 'prompt'

export class TransactionWire {
  readonly broker: WholeBroker
  readonly #random: Random
  /** What is on its way and arrives when the walk says so, on a connection of its own, in its order. */
  readonly #late: ((to: Link) => void)[][] = []
  /** Connections that got stuck: what follows on them comes behind what is on its way. */
  readonly #stuck = new Map<Link, ((to: Link) => void)[]>()
  #links: Link[] = []
  delivered = 0

  constructor(broker: WholeBroker, random: Random) {
    this.broker = broker
    this.#random = random
  }

  connect(): Link {
    const link = this.broker.connect()
    this.#links.push(link)
    return link
  }

  send<A extends Api>(
    link: Link,
    message: Message<A>,
    hear: { readonly answer: (response: ResponseOf<A>) => void; readonly fates: Fates },
  ): void {
    const chance = hear.fates === 'any' ? this.#random.below(12) : 11 - this.#random.below(2)
    const later = (to: Link) => this.#deliver(to, message, () => undefined)
    const before = this.#stuck.get(link)
    if (before !== undefined) {
      // What must not come late is lost instead.
      if (hear.fates === 'any') before.push(later)
      return
    }
    if (chance === 0) {
      const waiting = [later]
      this.#stuck.set(link, waiting)
      this.#late.push(waiting)
      return
    }
    if (chance === 1) this.#late.push([later])
    const isLost = chance === 10
    this.#deliver(link, message, isLost ? () => undefined : hear.answer)
  }

  deliverLate(pick: number): void {
    const [next] = this.#late.splice(pick % Math.max(1, this.#late.length), 1)
    if (next === undefined) return
    const link = this.connect()
    for (const deliver of next.splice(0)) deliver(link)
  }

  hear(): void {
    for (const link of this.#links) link.hear()
    this.#links = this.#links.filter(link => link.isOpen)
  }

  /** The broker is gone, and with it all connections; what is on its way arrives at the next one. */
  disconnected(): void {
    this.#links = []
    this.#stuck.clear()
  }

  #deliver<A extends Api>(
    link: Link,
    message: Message<A>,
    hear: (response: ResponseOf<A>) => void,
  ): void {
    this.delivered += 1
    link.send(message, hear)
  }
}
