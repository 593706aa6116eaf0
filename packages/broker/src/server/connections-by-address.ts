/** `max.connections.per.ip.overrides`: `10.0.0.1:200,::1:5`. Names of hosts match nothing: an address is compared as it is written. */
import { listItems } from '../config/accepts.ts'

/** Reads the text of the setting once, and again when it is another. */
export class ConnectionsByAddress {
  #text = ''
  #byAddress: ReadonlyMap<string, number> = new Map()

  /** How many connections the setting gives this address; undefined when it says nothing about it. */
  of(address: string, text: string): number | undefined {
    if (text !== this.#text) {
      this.#text = text
      this.#byAddress = new Map(listItems(text).flatMap(entriesOf))
    }
    return this.#byAddress.get(address)
  }
}

/** What is not an address with a number says nothing. */
function entriesOf(item: string): [string, number][] {
  const [, address, count] = /^(.+):(\d{1,10})$/.exec(item) ?? []
  return address === undefined ? [] : [[address.trim(), Number(count)]]
}
