import type { Fields, InputOf, StructOf } from './field.ts'
import { Message } from './message.ts'

/** The table of an API: its request and its response in all versions. */
export interface ApiTable<Q extends Fields, R extends Fields> {
  readonly key: number
  readonly name: string
  readonly versions: readonly [first: number, last: number]
  /** The first flexible version; `undefined`: none is. */
  readonly flexible: number | undefined
  readonly request: Q
  readonly response: R
}

/** An API of the protocol. */
export interface Api<Q extends Fields = any, R extends Fields = any> {
  readonly key: number
  readonly name: string
  readonly versions: readonly [first: number, last: number]
  readonly flexible: number | undefined
  readonly request: Message<Q>
  readonly response: Message<R>
}

/** Declares an API. */
export const api = <Q extends Fields, R extends Fields>(table: ApiTable<Q, R>): Api<Q, R> => {
  const { key, name, versions, flexible } = table
  const both = { versions, flexible }
  return {
    key,
    name,
    versions,
    flexible,
    request: new Message({ name: `${name}Request`, ...both, fields: table.request }),
    response: new Message({ name: `${name}Response`, ...both, fields: table.response }),
  }
}

/** What reading a request gives. */
export type RequestOf<A extends Api> = StructOf<A['request']['fields']>
/** What reading a response gives. */
export type ResponseOf<A extends Api> = StructOf<A['response']['fields']>
/** What writing a request takes. */
export type RequestInput<A extends Api> = InputOf<A['request']['fields']>
/** What writing a response takes. */
export type ResponseInput<A extends Api> = InputOf<A['response']['fields']>
