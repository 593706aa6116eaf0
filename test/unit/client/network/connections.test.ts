import { describe, expect, it } from 'vitest'
import { Connections } from '../../../../packages/client/src/network/connections.ts'
import { FakeCluster } from '../../../support/fake-broker.ts'
import { settingsFor, watch } from '../../../support/fake-client.ts'

const broker = { host: 'broker-1', port: 9092 }

function connecting() {
  const cluster = new FakeCluster()
  return {
    cluster,
    clock: cluster.platform.clock,
    connections: new Connections(settingsFor(cluster)),
  }
}

describe('Connections', () => {
  it('opens one connection per broker and lane', async () => {
    const { cluster, clock, connections } = connecting()
    const asked = [
      watch(connections.get(broker, 'requests')),
      watch(connections.get(broker, 'requests')),
      watch(connections.get(broker, 'fetches')),
    ]
    await clock.settle()
    const [first, second, third] = asked.map(({ value }) => value())
    expect(first).toBe(second)
    expect(third).not.toBe(first)
    expect(cluster.platform.connections).toHaveLength(2)
    expect(connections.current(broker, 'requests')).toBe(first)
  })

  it('opens another one after the first has ended', async () => {
    const { cluster, clock, connections } = connecting()
    const first = watch(connections.get(broker, 'requests'))
    await clock.settle()
    cluster.dropConnections(1)
    await clock.settle()
    expect(connections.current(broker, 'requests')).toBeUndefined()
    const second = watch(connections.get(broker, 'requests'))
    await clock.settle()
    expect(second.value()).not.toBe(first.value())
  })

  it('waits longer with each refusal', async () => {
    const { cluster, clock, connections } = connecting()
    cluster.down.add(1)
    const moments: number[] = []
    for (let attempt = 0; attempt < 4; attempt += 1) {
      const refused = watch(connections.get(broker, 'requests'))
      while (refused.state() === 'pending') await clock.advance(10)
      expect(refused.error()).toMatchObject({ code: 'CONNECTION_FAILED' })
      moments.push(clock.monotonic())
    }
    expect(connections.isBackingOff(broker, 'requests')).toBe(true)
    const waits = moments.slice(1).map((moment, index) => moment - (moments[index] as number))
    expect(waits).toEqual(waits.toSorted((a, b) => a - b))
    expect(waits[0]).toBeGreaterThanOrEqual(30)
  })

  it('closes what is open, and opens nothing after', async () => {
    const { clock, connections } = connecting()
    const open = watch(connections.get(broker, 'requests'))
    await clock.settle()
    const opening = watch(connections.get(broker, 'fetches'))
    connections.close()
    await clock.settle()
    expect(open.value().isOpen).toBe(false)
    expect(opening.state()).toBe('rejected')
    await expect(connections.get(broker, 'requests')).rejects.toMatchObject({ code: 'CLOSED' })
  })
})
