import { describe, expect, it } from 'vitest'
import { clientSettings } from '../../../packages/client/src/settings.ts'
import { recordingLog } from '../../support/fake-client.ts'
import { FakePlatform } from '../../support/fake-platform.ts'

const { log } = recordingLog()
const platform = new FakePlatform(() => undefined)
const settings = (options: object) => clientSettings(options as never, { platform, log })

describe('clientSettings', () => {
  it('reads addresses with names, IPv4 and IPv6', () => {
    const brokers = [
      'localhost:9092',
      '10.0.0.1:1',
      '[::1]:9093',
      'PLAINTEXT://kafka-1.example.com:65535',
    ]
    expect(settings({ brokers }).brokers).toEqual([
      { host: 'localhost', port: 9092 },
      { host: '10.0.0.1', port: 1 },
      { host: '::1', port: 9093 },
      { host: 'kafka-1.example.com', port: 65_535 },
    ])
  })

  it.each(['localhost', 'localhost:0', 'localhost:99999', ':9092', 'a:b:9092', ''])(
    'refuses %j as an address',
    broker => {
      expect(() => settings({ brokers: [broker] })).toThrow('expected host:port')
    },
  )

  it('refuses an empty list, a bad number and an option that does not exist', () => {
    expect(() => settings({ brokers: [] })).toThrow('brokers is []')
    expect(() => settings({ brokers: ['a:1'], requestTimeoutMs: 0 })).toThrow(
      'requestTimeoutMs is 0; expected an integer from 1',
    )
    expect(() => settings({ brokers: ['a:1'], clientID: 'x' })).toThrow(
      'there is no option clientID',
    )
  })
})
