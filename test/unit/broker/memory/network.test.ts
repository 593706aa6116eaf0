import { describe, expect, it } from 'vitest'
import { MemoryNetwork } from '../../../../packages/broker/src/memory/network.ts'
import type { Connection } from '../../../../packages/broker/src/world.ts'

async function given() {
  const network = new MemoryNetwork()
  const events: string[] = []
  let connection: Connection | undefined
  const listener = await network.listen({ host: 'here', port: 0 }, accepted => {
    connection = accepted
    return {
      onBytes: chunk => void events.push(chunk.toString()),
      onDrain: () => void events.push('drain'),
      onClose: () => void events.push('close'),
    }
  })
  const peer = network.connect(listener.port, { address: '10.0.0.1' })
  return { network, listener, events, peer, connection: connection as unknown as Connection }
}

describe('a network in memory', () => {
  it('carries bytes both ways and says when they left', async () => {
    const { events, peer, connection } = await given()
    peer.deliver(Buffer.from('ping'))
    connection.send([Buffer.from('po'), Buffer.from('ng')], () => events.push('sent'))
    expect(peer.take().toString()).toBe('pong')
    connection.close()
    connection.destroy()
    expect(events).toEqual(['ping', 'sent', 'close'])
  })

  it('keeps what a stalled peer does not take', async () => {
    const { events, peer, connection } = await given()
    peer.stall()
    expect(connection.send([Buffer.alloc(70_000)], () => events.push('sent'))).toBe(false)
    expect([connection.unsentBytes, events]).toEqual([70_000, []])
    peer.drain()
    expect([connection.unsentBytes, events]).toEqual([0, ['sent', 'drain']])
  })

  it('refuses a port that is taken, and connections to one that is not', async () => {
    const { network, listener } = await given()
    const accept = () => ({
      onBytes: () => undefined,
      onDrain: () => undefined,
      onClose: () => undefined,
    })
    await expect(
      network.listen({ host: 'here', port: listener.port }, accept),
    ).rejects.toMatchObject({ code: 'EADDRINUSE' })
    await listener.close()
    expect(() => network.connect(listener.port, { address: '10.0.0.1' })).toThrow('ECONNREFUSED')
  })
})
