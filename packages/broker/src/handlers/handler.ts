/** What a handler is: one API, the permissions it asks for, and the function that turns a request into its answer. */
import type { Api, RequestOf, ResponseInput } from '@varve/protocol'
import type { BrokerParts } from './broker-parts.ts'

/** An API of the broker with the function that answers it; `handlers/index.ts` lists them all. */
export interface Handler<A extends Api = Api> {
  readonly api: A
  /** The permissions that this handler may ask `authorize` for; an empty list needs an argument in the handler's file. */
  readonly authorization: readonly Permission[]
  readonly handle: Handle<A>
}

/**
 * Called synchronously when the request's frame is complete, in arrival order per connection: what must happen in that order
 * happens before the first await. It returns the answer, a promise of it, `undefined` where the protocol wants no
 * answer (acks=0), or `LATER` when it will call `context.answer`: an answer without a promise, for the hot path.
 */
export type Handle<A extends Api> = (
  request: RequestOf<A>,
  context: RequestContext,
) => ResponseInput<A> | Promise<ResponseInput<A>> | undefined | Later

export type Later = typeof LATER
export const LATER: unique symbol = Symbol('the answer follows')

/** Declares the handler of one API. */
export function handler<A extends Api>(
  api: A,
  authorization: readonly Permission[],
  handle: Handle<A>,
): Handler<A> {
  return { api, authorization, handle }
}

export type Permission = `${Operation} ${ResourceType}`

/** Kafka's ACL operations. */
export type Operation =
  | 'Read'
  | 'Write'
  | 'Create'
  | 'Delete'
  | 'Alter'
  | 'Describe'
  | 'ClusterAction'
  | 'DescribeConfigs'
  | 'AlterConfigs'
  | 'IdempotentWrite'
  | 'TwoPhaseCommit'

/** Kafka's ACL resource types. */
export type ResourceType =
  | 'Topic'
  | 'Group'
  | 'Cluster'
  | 'TransactionalId'
  | 'DelegationToken'
  | 'User'

/** The name under which the cluster itself is authorised. */
export const CLUSTER_RESOURCE = 'kafka-cluster'

/**
 * What a handler knows of a request besides its body. Views into the request's frame (`records`, `bytes`) are valid during the
 * synchronous part of the handler only: what outlives it must be copied.
 */
export interface RequestContext {
  readonly apiVersion: number
  readonly correlationId: number
  /** As the client sent it: unbounded, never to be written to a terminal unescaped. Empty when it sent none. */
  readonly clientId: string
  readonly connection: ConnectionInfo
  readonly broker: BrokerParts
  /** Whether the connection's principal may do this; true for all until an authorizer is configured. */
  authorize(operation: Operation, resourceType: ResourceType, resourceName: string): boolean
  /** Calls `run` once if another request arrives behind this one before it is answered: a long poll then answers at once. */
  onSuperseded(run: () => void): void
  /** Calls `run` once if the connection ends before this request is answered: what it parked is dropped. */
  onAbandoned(run: () => void): void
  /** Gives the answer of a handler that returned `LATER`. Once, and only then. */
  answer(response: object): void
  /** The same where the protocol wants no answer (acks=0): the request is in flight no longer. */
  answerNothing(): void
  /** For a handler that returned `LATER`: what it was doing threw. The client learns of it as far as the protocol allows. */
  fail(error: unknown): void
  /** Calls `run` once the answer's bytes were handed to the operating system, or will never be: frees what the answer lent. */
  onSent(run: () => void): void
  /** Ends the connection where the protocol has no answer for an error (acks=0); the reason is logged. */
  closeConnection(reason: string): void
}

/** Who asks, and through which door. */
export interface ConnectionInfo {
  readonly id: number
  readonly listener: string
  readonly securityProtocol: 'PLAINTEXT' | 'SSL' | 'SASL_PLAINTEXT' | 'SASL_SSL'
  /** Kafka's form: `User:ANONYMOUS`. */
  readonly principal: string
  readonly localAddress: string
  readonly localPort: number
  readonly remoteAddress: string
}
