import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../../../packages/broker/src/config/load.ts'
import { serverLimitsOf } from '../../../../packages/broker/src/server/server-limits.ts'

describe('the limits of the server', () => {
  it('follow their settings', () => {
    const options = {
      'socket.request.max.bytes': '2000',
      'max.connections.per.ip': '3',
      'request.read.timeout.ms': '5',
    }
    expect(serverLimitsOf(loadConfig({ options }).settings)).toMatchObject({
      frameBytesMax: 2000,
      connectionsPerAddressMax: 3,
      readDeadlineMs: 5,
      idleMs: 600_000,
    })
  })

  it('never end an idle connection when connections.max.idle.ms is not positive', () => {
    const { settings } = loadConfig({ options: { 'connections.max.idle.ms': '-1' } })
    expect(serverLimitsOf(settings).idleMs).toBe(Number.POSITIVE_INFINITY)
  })
})
