import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../../../packages/broker/src/config/load.ts'
import { serverLimitsOf } from '../../../../packages/broker/src/server/server-limits.ts'
import { imageWith } from '../../../support/metadata-image.ts'

describe('the limits of the server', () => {
  it('follow their settings', () => {
    const options = {
      'socket.request.max.bytes': '2000',
      'max.connections.per.ip': '3',
      'request.read.timeout.ms': '5',
    }
    const limits = serverLimitsOf(loadConfig({ options }).settings)
    expect(limits.connectionsPerAddressMax('10.0.0.1')).toBe(3)
    expect(limits).toMatchObject({
      frameBytesMax: 2000,
      readDeadlineMs: 5,
      idleMs: 600_000,
    })
  })

  it('never end an idle connection when connections.max.idle.ms is not positive', () => {
    const { settings } = loadConfig({ options: { 'connections.max.idle.ms': '-1' } })
    expect(serverLimitsOf(settings).idleMs).toBe(Number.POSITIVE_INFINITY)
  })

  it('follow what is changed at run time', () => {
    const { settings } = loadConfig({})
    const limits = serverLimitsOf(settings)
    expect(limits.connectionsMax).toBe(2_147_483_647)
    const set = (name: string, value: string) =>
      ({ type: 'ConfigRecord', resourceType: 4, resourceName: '', name, value }) as const
    settings.follow(
      imageWith(
        set('max.connections', '7'),
        set('max.connections.per.ip', '2'),
        set('max.connections.per.ip.overrides', '10.0.0.1:5'),
      ),
    )
    expect(limits.connectionsMax).toBe(7)
    expect(limits.connectionsPerAddressMax('10.0.0.1')).toBe(5)
    expect(limits.connectionsPerAddressMax('10.0.0.2')).toBe(2)
  })
})
