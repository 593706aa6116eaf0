import { existsSync } from 'node:fs'
import { ApiVersions } from '@varve/protocol'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { startBroker } from '../../../packages/broker/src/start-broker.ts'
import { RawConnection } from '../../support/raw-connection.ts'

describe('startBroker', () => {
  afterEach(() => vi.useRealTimers())

  it('works in a temporary folder that it removes', async () => {
    const broker = await startBroker()
    expect(existsSync(`${broker.directory}/meta.properties`)).toBe(true)
    expect(broker.address).toBe(`127.0.0.1:${broker.port}`)
    await broker.stop()
    expect(existsSync(broker.directory ?? '')).toBe(false)
  })

  it('writes nothing anywhere with storage in memory', async () => {
    await using broker = await startBroker({ storage: 'memory' })
    expect(broker.directory).toBeUndefined()
  })

  it('takes settings by their names, and refuses bad ones', async () => {
    const settings = { 'num.partitions': 3, 'auto.create.topics.enable': true }
    await using broker = await startBroker({ storage: 'memory', settings })
    expect(broker.clusterId).toHaveLength(22)
    await expect(startBroker({ settings: { 'num.partitions': 'many' } })).rejects.toThrow(
      'num.partitions has "many"',
    )
  })

  it('goes on while a test fakes its timers', async () => {
    await using broker = await startBroker({ storage: 'memory' })
    await using connection = await RawConnection.open(broker)
    vi.useFakeTimers({
      toFake: ['setTimeout', 'setInterval', 'setImmediate', 'Date', 'performance'],
    })
    expect((await connection.request(ApiVersions, 0, {})).errorCode).toBe(0)
    vi.useRealTimers()
  })
})
