import { InitProducerId, ResponseEncoder } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import type { BrokerParts } from '../../../../packages/broker/src/handlers/broker-parts.ts'
import type { Handler } from '../../../../packages/broker/src/handlers/handler.ts'
import { initProducerId } from '../../../../packages/broker/src/handlers/init-producer-id.ts'
import { allowAll } from '../../../../packages/broker/src/security/authorizer.ts'
import { Exchange } from '../../../../packages/broker/src/server/exchange.ts'

function given() {
  const events: string[] = []
  const log = { error: (message: string) => events.push(message) }
  const owner = {
    info: {} as never,
    isOpen: true,
    settled: () => void events.push('settled'),
    refuse: (reason: string) => void events.push(reason),
  }
  const start = {
    handler: initProducerId as unknown as Handler,
    apiVersion: 4,
    correlationId: 9,
    clientId: '',
    frameBytes: 20,
  }
  const broker = { world: { log } } as unknown as BrokerParts
  return {
    events,
    exchange: new Exchange(start, owner, {
      broker,
      authorizer: allowAll,
      encoder: new ResponseEncoder(),
      onFailure: () => undefined,
    }),
  }
}

describe('an exchange', () => {
  it('is answered once, in the version that was asked', () => {
    const { events, exchange } = given()
    exchange.answer({ errorCode: 0, producerId: 5, producerEpoch: 0 })
    expect(events).toEqual(['settled'])
    expect(Buffer.concat(exchange.parts ?? []).readInt32BE(4)).toBe(9)
    expect(() => exchange.answer({ errorCode: 0, producerId: 5, producerEpoch: 0 })).toThrow(
      'answered once',
    )
    expect(InitProducerId.key).toBe(22)
  })

  it('costs its connection when the answer cannot be encoded', () => {
    const { events, exchange } = given()
    exchange.answer({ errorCode: 'nonsense' })
    expect(events[0]).toBe('an answer could not be encoded')
    expect(events[1]).toContain('could not be encoded')
  })

  it('forgets the answer of a request that was abandoned, and gives back what it lent', () => {
    const { events, exchange } = given()
    exchange.onAbandoned(() => events.push('abandoned'))
    exchange.onSent(() => events.push('returned'))
    exchange.abandon()
    exchange.answer({ errorCode: 0, producerId: 5, producerEpoch: 0 })
    expect(events).toEqual(['abandoned', 'returned'])
  })
})
