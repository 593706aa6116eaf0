/** One request and its answer: what the handler gets as its context, and what its connection keeps in order. */
import type { ResponseEncoder } from '@varve/protocol'
import { assert } from '../assert.ts'
import type { BrokerParts } from '../handlers/broker-parts.ts'
import type {
  ConnectionInfo,
  Handler,
  Operation,
  RequestContext,
  ResourceType,
} from '../handlers/handler.ts'
import type { Authorizer } from '../security/authorizer.ts'

/** What an exchange needs of its connection. */
export interface ExchangeOwner {
  readonly info: ConnectionInfo
  readonly isOpen: boolean
  /** The exchange has its answer, or needs none. */
  settled(exchange: Exchange): void
  /** Ends the connection once the answers before this exchange have left. */
  refuse(reason: string, exchange: Exchange): void
}

export interface ExchangeStart {
  readonly handler: Handler
  readonly apiVersion: number
  readonly correlationId: number
  readonly clientId: string
  readonly frameBytes: number
}

/** What all exchanges of a router share. */
export interface ExchangeShared {
  readonly broker: BrokerParts
  readonly authorizer: Authorizer
  readonly encoder: ResponseEncoder
  readonly onFailure: (exchange: Exchange, error: unknown) => void
}

export class Exchange implements RequestContext {
  readonly handler: Handler
  readonly apiVersion: number
  readonly correlationId: number
  readonly clientId: string
  readonly frameBytes: number
  readonly broker: BrokerParts
  /** The encoded answer once it is there; empty for a request without one. */
  parts: readonly Uint8Array[] | undefined
  answerBytes = 0
  readonly #owner: ExchangeOwner
  readonly #shared: ExchangeShared
  #superseded: (() => void) | undefined
  #abandoned: (() => void) | undefined
  #sent: (() => void)[] | undefined
  #isAbandoned = false

  constructor(start: ExchangeStart, owner: ExchangeOwner, shared: ExchangeShared) {
    this.handler = start.handler
    this.apiVersion = start.apiVersion
    this.correlationId = start.correlationId
    this.clientId = start.clientId
    this.frameBytes = start.frameBytes
    this.broker = shared.broker
    this.#shared = shared
    this.#owner = owner
  }

  get connection(): ConnectionInfo {
    return this.#owner.info
  }

  get isSettled(): boolean {
    return this.parts !== undefined
  }

  authorize(operation: Operation, resourceType: ResourceType, resourceName: string): boolean {
    return this.#shared.authorizer.authorize(this.#owner.info, {
      operation,
      resourceType,
      resourceName,
    })
  }

  onSuperseded(run: () => void): void {
    this.#superseded = run
  }

  onAbandoned(run: () => void): void {
    if (this.#isAbandoned || !this.#owner.isOpen) run()
    else this.#abandoned = run
  }

  onSent(run: () => void): void {
    this.#sent ??= []
    this.#sent.push(run)
  }

  answer(response: object): void {
    assert(this.parts === undefined, 'a request is answered once')
    this.#superseded = undefined
    this.#abandoned = undefined
    if (this.#isAbandoned || !this.#owner.isOpen) {
      this.parts = []
      this.sent()
      return
    }
    const parts = this.#encode(response)
    for (const part of parts) this.answerBytes += part.length
    this.parts = parts
    this.#owner.settled(this)
  }

  /** An answer may come out of a callback of the log, which must not suffer from one that cannot be encoded. */
  #encode(response: object): readonly Uint8Array[] {
    const { api } = this.handler
    const { apiVersion: version, correlationId } = this
    try {
      return this.#shared.encoder.encode(api, { version, correlationId }, response)
    } catch (error) {
      this.broker.world.log.error('an answer could not be encoded', {
        api: api.name,
        apiVersion: this.apiVersion,
        error,
      })
      this.#owner.refuse('the answer could not be encoded', this)
      return []
    }
  }

  /** For a request that the protocol leaves unanswered. */
  answerNothing(): void {
    assert(this.parts === undefined, 'a request is answered once')
    this.parts = []
    if (!this.#isAbandoned) this.#owner.settled(this)
  }

  fail(error: unknown): void {
    this.#shared.onFailure(this, error)
  }

  closeConnection(reason: string): void {
    this.#owner.refuse(reason, this)
  }

  /** Another request arrived behind this one. */
  supersede(): void {
    const run = this.#superseded
    this.#superseded = undefined
    run?.()
  }

  /** The connection ended first, or an earlier request of it cannot be answered: nobody will see this answer. */
  abandon(): void {
    this.#isAbandoned = true
    const run = this.#abandoned
    this.#abandoned = undefined
    this.#superseded = undefined
    run?.()
    if (this.parts !== undefined) this.sent()
  }

  get lendsBytes(): boolean {
    return this.#sent !== undefined
  }

  /** The answer's bytes left, or never will. */
  sent(): void {
    const runs = this.#sent
    this.#sent = undefined
    if (runs !== undefined) for (const run of runs) run()
  }
}
