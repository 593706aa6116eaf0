import { describe, expect, it } from 'vitest'
import type { ConnectionInfo } from '../../../../packages/broker/src/handlers/handler.ts'
import { applyAll } from '../../../../packages/broker/src/metadata/apply.ts'
import { emptyImage } from '../../../../packages/broker/src/metadata/image.ts'
import type { MetadataStore } from '../../../../packages/broker/src/metadata/store.ts'
import { ListenerEndpoints } from '../../../../packages/broker/src/server/endpoints.ts'

const through = (listener: string, localAddress: string, localPort: number) =>
  ({ listener, localAddress, localPort }) as ConnectionInfo

function given(advertised: { host: string; port: number } | undefined) {
  const image = applyAll(emptyImage('cluster'), [
    {
      type: 'RegisterBrokerRecord',
      brokerId: 2,
      incarnationId: 'AAAAAAAAAAAAAAAAAAAAAQ',
      brokerEpoch: 1,
      endPoints: [{ name: 'PLAINTEXT', host: 'second.example', port: 9093, securityProtocol: 0 }],
      rack: 'b',
      logDirs: [],
    },
  ])
  return new ListenerEndpoints({
    brokerId: 1,
    rack: 'a',
    metadata: { image } as MetadataStore,
    advertised: new Map([['PLAINTEXT', advertised]]),
  })
}

describe('the endpoints that clients are told', () => {
  it('are the local address of their own connection where nothing is advertised', () => {
    const endpoints = given(undefined)
    expect(endpoints.of(1, through('PLAINTEXT', '172.17.0.2', 19_092))).toEqual({
      brokerId: 1,
      host: '172.17.0.2',
      port: 19_092,
      rack: 'a',
    })
  })

  it('are what is advertised for the listener they came through', () => {
    const endpoints = given({ host: 'kafka.example', port: 443 })
    expect(endpoints.all(through('PLAINTEXT', '10.0.0.1', 9092))).toEqual([
      { brokerId: 1, host: 'kafka.example', port: 443, rack: 'a' },
      { brokerId: 2, host: 'second.example', port: 9093, rack: 'b' },
    ])
    expect(endpoints.all(through('INTERNAL', '10.0.0.1', 9092))).toEqual([
      { brokerId: 1, host: '10.0.0.1', port: 9092, rack: 'a' },
    ])
  })

  it('are none for a broker that nobody knows', () => {
    expect(given(undefined).of(7, through('PLAINTEXT', '::1', 9092))).toBeUndefined()
  })
})
