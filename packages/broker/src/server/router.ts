/** From a frame to its handler: the header, the dispatch table, and what becomes of a handler that fails. */
import { ApiVersions, Reader, ResponseEncoder, readRequestHeader, WireError } from '@varve/protocol'
import { AssertionError } from '../assert.ts'
import { unsupportedApiVersions } from '../handlers/api-versions.ts'
import type { ApiRange, BrokerParts } from '../handlers/broker-parts.ts'
import { type Handler, LATER } from '../handlers/handler.ts'
import type { Authorizer } from '../security/authorizer.ts'
import { Exchange, type ExchangeOwner, type ExchangeShared } from './exchange.ts'
import { failureAnswer } from './failure-answer.ts'

export interface RouterParts {
  readonly handlers: readonly Handler[]
  readonly broker: BrokerParts
  readonly authorizer: Authorizer
}

export interface Refusal {
  readonly reason: string
}

export class Router {
  readonly #byKey: (Handler | undefined)[] = []
  readonly #shared: ExchangeShared
  /** One for all: a request is read to its end before the next frame is looked at. */
  readonly #reader = new Reader(Buffer.alloc(0))

  constructor({ handlers, broker, authorizer }: RouterParts) {
    for (const handler of handlers) this.#byKey[handler.api.key] = handler
    this.#shared = {
      broker,
      authorizer,
      encoder: new ResponseEncoder(),
      onFailure: (exchange, error) => this.#failed(exchange, error),
    }
  }

  /** Reads the header; nothing has happened yet. */
  open(frame: Buffer, owner: ExchangeOwner): OpenedRequest | Refusal {
    this.#reader.reset(frame)
    const header = readRequestHeader(this.#reader)
    const handler = this.#byKey[header.apiKey]
    if (handler === undefined) return { reason: `unknown api key ${header.apiKey}` }
    const { versions } = handler.api
    const isSupported = header.apiVersion >= versions[0] && header.apiVersion <= versions[1]
    if (!isSupported && handler.api.key !== ApiVersions.key) {
      return { reason: `${handler.api.name} version ${header.apiVersion} is not supported` }
    }
    const exchange = new Exchange(
      {
        handler,
        // KIP-511: the answer to an ApiVersions version from the future is in the form of version 0.
        apiVersion: isSupported ? header.apiVersion : 0,
        correlationId: header.correlationId,
        clientId: header.clientId,
        frameBytes: frame.length,
      },
      owner,
      this.#shared,
    )
    return { exchange, isSupported }
  }

  /** Reads the body of the request opened last and calls the handler, synchronously: the order of calls is the order of effects. */
  handle({ exchange, isSupported }: OpenedRequest): void {
    if (!isSupported) {
      exchange.answer(unsupportedApiVersions(exchange.broker.apiRanges))
      return
    }
    try {
      const request = exchange.handler.api.request.read(this.#reader, exchange.apiVersion) as object
      const outcome = exchange.handler.handle(request as never, exchange)
      if (outcome === LATER) return
      if (outcome === undefined) {
        if (!exchange.isSettled) exchange.answerNothing()
      } else if (outcome instanceof Promise) this.#settleLater(exchange, outcome)
      else exchange.answer(outcome)
    } catch (error) {
      this.#failed(exchange, error)
    }
  }

  #settleLater(exchange: Exchange, outcome: Promise<object | undefined>): void {
    outcome
      .then(response => {
        if (response === undefined) exchange.answerNothing()
        else exchange.answer(response)
      })
      .catch(error => this.#failed(exchange, error))
  }

  #failed(exchange: Exchange, error: unknown): void {
    const { api } = exchange.handler
    if (error instanceof WireError) {
      exchange.closeConnection(
        `malformed ${api.name} version ${exchange.apiVersion}: ${error.message}`,
      )
      return
    }
    const { log, fail } = this.#shared.broker.world
    if (error instanceof AssertionError) {
      fail(error)
      return
    }
    log.error('a request failed unexpectedly', {
      api: api.name,
      apiVersion: exchange.apiVersion,
      error,
    })
    if (exchange.isSettled) return
    const answer = failureAnswer(api, exchange.apiVersion)
    if (answer === undefined) exchange.closeConnection('the request failed unexpectedly')
    else exchange.answer(answer)
  }
}

export interface OpenedRequest {
  readonly exchange: Exchange
  readonly isSupported: boolean
}

/** What ApiVersions advertises, in order of keys. */
export function apiRangesOf(handlers: readonly Handler[]): readonly ApiRange[] {
  return handlers
    .map(({ api }) => ({
      apiKey: api.key,
      minVersion: advertisedMinVersion(api.key, api.versions[0]),
      maxVersion: api.versions[1],
    }))
    .sort((one, other) => one.apiKey - other.apiKey)
}

const PRODUCE_KEY = 0

/** KAFKA-18659: older librdkafka takes a Produce that does not begin at 0 for a broker that it cannot talk to. Versions below 3 are refused all the same. */
function advertisedMinVersion(apiKey: number, minVersion: number): number {
  return apiKey === PRODUCE_KEY ? 0 : minVersion
}
