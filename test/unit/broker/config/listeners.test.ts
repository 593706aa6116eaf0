import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../../../packages/broker/src/config/load.ts'

const listenersOf = (...overrides: string[]) => loadConfig({ overrides }).listeners

describe('listeners', () => {
  it('understand IPv6 addresses and free ports', () => {
    expect(listenersOf('listeners=PLAINTEXT://[::1]:0')).toMatchObject([{ host: '::1', port: 0 }])
  })

  it.each([
    ['listeners=PLAINTEXT://h', 'expected NAME://host:port'],
    ['listeners=PLAINTEXT://h:99999', 'expected NAME://host:port'],
    ['listeners=PLAINTEXT://a:1,PLAINTEXT://b:2', 'names PLAINTEXT twice'],
    [
      'listeners=INTERNAL://a:1',
      'listener.security.protocol.map does not say which protocol INTERNAL speaks',
    ],
    ['listeners=SSL://a:1', 'only PLAINTEXT listeners'],
    ['listeners=CONTROLLER://a:1', 'no listener for clients'],
    ['advertised.listeners=PLAINTEXT://0.0.0.0:9092', 'no client can connect to'],
    ['advertised.listeners=OTHER://a:9092', 'listeners has no OTHER'],
  ])('refuse %s: %s', (override, sentence) => {
    expect(() => listenersOf(override)).toThrow(sentence)
  })
})
