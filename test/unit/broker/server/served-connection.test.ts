import { encodeRequest, Metadata } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import type { BrokerParts } from '../../../../packages/broker/src/handlers/broker-parts.ts'
import {
  handler,
  LATER,
  type RequestContext,
} from '../../../../packages/broker/src/handlers/handler.ts'
import { BufferPool } from '../../../../packages/broker/src/log/buffer-pool.ts'
import { MemoryClock } from '../../../../packages/broker/src/memory/clock.ts'
import { allowAll } from '../../../../packages/broker/src/security/authorizer.ts'
import { ByteBudget } from '../../../../packages/broker/src/server/byte-budget.ts'
import { Complaints } from '../../../../packages/broker/src/server/complaints.ts'
import { Router } from '../../../../packages/broker/src/server/router.ts'
import { ServedConnection } from '../../../../packages/broker/src/server/served-connection.ts'
import type { Connection, Log } from '../../../../packages/broker/src/world.ts'

const quiet: Log = {
  error: () => undefined,
  warn: () => undefined,
  info: () => undefined,
  debug: () => undefined,
  with: () => quiet,
}

const limits = {
  frameBytesMax: 1_000_000,
  idleMs: 600_000,
  connectionsMax: 100,
  connectionsPerAddressMax: () => 100,
  requestsPerConnectionMax: 100,
  bytesPerConnectionMax: 1_000_000,
  bytesMax: 0,
  readDeadlineMs: 30_000,
}

const NO_ANSWER = { brokers: [], topics: [] }

/** One connection whose requests are numbered by their correlation ids; those in `later` wait for the test. */
function given(options: {
  readonly budget: ByteBudget
  readonly later?: readonly number[]
  readonly bytesPerConnectionMax?: number
}) {
  const clock = new MemoryClock({ now: 0 })
  const handled: number[] = []
  const waiting = new Map<number, RequestContext>()
  const answered: number[] = []
  const sent: (() => void)[] = []
  const metadata = handler(Metadata, [], (_request, context) => {
    handled.push(context.correlationId)
    if (options.later?.includes(context.correlationId) !== true) return NO_ANSWER
    waiting.set(context.correlationId, context)
    return LATER
  })
  const connection = {
    send: (parts: readonly Uint8Array[], onSent?: () => void) => {
      const bytes = Buffer.concat(parts)
      for (let at = 0; at < bytes.length; at += 4 + bytes.readInt32BE(at))
        answered.push(bytes.readInt32BE(at + 4))
      if (onSent !== undefined) sent.push(onSent)
      return true
    },
    pause: () => undefined,
    resume: () => undefined,
    close: () => undefined,
    destroy: () => undefined,
  } as unknown as Connection
  const broker = {
    world: { clock, log: quiet, fail: () => undefined },
    apiRanges: [],
  } as unknown as BrokerParts
  const served = new ServedConnection({
    connection,
    info: {
      id: 1,
      listener: 'PLAINTEXT',
      securityProtocol: 'PLAINTEXT',
      principal: 'User:ANONYMOUS',
      localAddress: '',
      localPort: 0,
      remoteAddress: '10.0.0.1',
    },
    router: new Router({ handlers: [metadata as never], broker, authorizer: allowAll }),
    clock,
    budget: options.budget,
    complaints: new Complaints(clock, quiet),
    limits: {
      ...limits,
      bytesPerConnectionMax: options.bytesPerConnectionMax ?? limits.bytesPerConnectionMax,
    },
    frameMemory: new BufferPool(0),
    onClosed: () => undefined,
  })
  /** Ends the turn, and has the operating system take all that was sent. */
  const turn = () => {
    for (;;) {
      clock.turn()
      const taken = sent.splice(0)
      if (taken.length === 0) return
      for (const onSent of taken) onSent()
    }
  }
  return {
    served,
    handled,
    answered,
    turn,
    answer: (id: number) => waiting.get(id)?.answer(NO_ANSWER),
  }
}

const ask = (correlationId: number, sizeBytes: number) =>
  Buffer.concat(
    encodeRequest(
      Metadata,
      9,
      { correlationId, clientId: 'x'.repeat(sizeBytes) },
      { topics: [], includeTopicAuthorizedOperations: false },
    ),
  )

describe('ServedConnection', () => {
  it('keeps the order of answers when the room that one makes lets the next request in', () => {
    const { served, handled, answered, turn, answer } = given({
      budget: new ByteBudget(1000),
      later: [1],
    })
    served.onBytes(Buffer.concat([ask(1, 5000), ask(2, 10)]))
    expect(handled).toEqual([1])
    answer(1)
    turn()
    expect(handled).toEqual([1, 2])
    expect(answered).toEqual([1, 2])
  })

  it('takes up a frame that by itself is larger than the connection may have in flight', () => {
    const budget = new ByteBudget(1_000_000)
    const { served, answered, turn, answer } = given({
      budget,
      later: [1],
      bytesPerConnectionMax: 1000,
    })
    served.onBytes(Buffer.concat([ask(1, 5000), ask(2, 5000), ask(3, 5000)]))
    answer(1)
    turn()
    expect(answered).toEqual([1, 2, 3])
    expect(budget.used).toBe(0)
  })

  it('takes up what waits, one request at a time, while others hold all the bytes of the broker', () => {
    const budget = new ByteBudget(10_000)
    const { served, answered, turn, answer } = given({ budget, later: [1, 2] })
    budget.take(20_000)
    served.onBytes(Buffer.concat([ask(1, 500), ask(2, 500), ask(3, 500)]))
    answer(1)
    turn()
    expect(answered).toEqual([1])
    answer(2)
    turn()
    expect(answered).toEqual([1, 2, 3])
    expect(budget.used).toBe(20_000)
  })

  it('handles each frame once, though the room that its answer makes calls for the next one', () => {
    const budget = new ByteBudget(10_000)
    const { served, handled, answered, turn, answer } = given({ budget, later: [1] })
    budget.take(8000)
    served.onBytes(Buffer.concat([ask(1, 2500), ask(2, 2500), ask(3, 2500), ask(4, 2500)]))
    answer(1)
    turn()
    expect(handled).toEqual([1, 2, 3, 4])
    expect(answered).toEqual([1, 2, 3, 4])
    expect(budget.used).toBe(8000)
  })
})
