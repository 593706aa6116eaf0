import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { nodeNetwork } from '../../../../packages/broker/src/node/network.ts'
import type { Connection, Listener } from '../../../../packages/broker/src/world.ts'

interface Given {
  readonly listener: Listener
  readonly client: Socket
  readonly connection: Connection
  readonly received: Buffer[]
  readonly memory: Set<ArrayBufferLike>
  readonly closed: Promise<void>
}

async function given(): Promise<Given> {
  const received: Buffer[] = []
  const memory = new Set<ArrayBufferLike>()
  let accepted: ((connection: Connection) => void) | undefined
  let ended: (() => void) | undefined
  const connecting = new Promise<Connection>(resolve => (accepted = resolve))
  const closed = new Promise<void>(resolve => (ended = resolve))
  const listener = await nodeNetwork().listen({ host: '127.0.0.1', port: 0 }, connection => {
    accepted?.(connection)
    return {
      onBytes: chunk => {
        memory.add(chunk.buffer)
        received.push(Buffer.from(chunk))
      },
      onDrain: () => undefined,
      onClose: () => ended?.(),
    }
  })
  const client = connect(listener.port, '127.0.0.1')
  await once(client, 'connect')
  return { listener, client, connection: await connecting, received, memory, closed }
}

async function end({ listener, client, closed }: Given): Promise<void> {
  client.destroy()
  await closed
  await listener.close()
}

describe('the real network', () => {
  it('receives into one buffer again and again, and sends parts as they are', async () => {
    const at = await given()
    const sent = Buffer.alloc(300_000, 'abcdefghij')
    at.client.write(sent)
    while (Buffer.concat(at.received).length < sent.length)
      await new Promise(resolve => setImmediate(resolve))
    expect(Buffer.concat(at.received).equals(sent)).toBe(true)
    if (process.platform !== 'win32') expect(at.memory.size).toBe(1)

    const back: Buffer[] = []
    at.client.on('data', chunk => back.push(chunk))
    await new Promise<void>(resolve =>
      at.connection.send([Buffer.from('a'), sent, Buffer.from('z')], resolve),
    )
    while (Buffer.concat(back).length < sent.length + 2)
      await new Promise(resolve => setImmediate(resolve))
    expect(
      Buffer.concat(back).equals(Buffer.concat([Buffer.from('a'), sent, Buffer.from('z')])),
    ).toBe(true)
    expect(at.connection.unsentBytes).toBe(0)
    await end(at)
  })

  it('knows both addresses', async () => {
    const at = await given()
    expect(at.connection).toMatchObject({
      localAddress: '127.0.0.1',
      localPort: at.listener.port,
      remoteAddress: '127.0.0.1',
    })
    expect(at.connection.remotePort).toBe(at.client.localPort)
    await end(at)
  })

  it('stops receiving while it is paused', async () => {
    const at = await given()
    at.connection.pause()
    at.client.write('later')
    for (let turn = 0; turn < 50; turn++) await new Promise(resolve => setImmediate(resolve))
    expect(at.received).toEqual([])
    at.connection.resume()
    while (at.received.length === 0) await new Promise(resolve => setImmediate(resolve))
    expect(Buffer.concat(at.received).toString()).toBe('later')
    await end(at)
  })

  it('ends a connection after what was sent has left, and calls back also for what never leaves', async () => {
    const at = await given()
    const back: Buffer[] = []
    at.client.on('data', chunk => back.push(chunk))
    at.connection.send([Buffer.from('last words')])
    at.connection.close()
    await once(at.client, 'close')
    await at.closed
    expect(Buffer.concat(back).toString()).toBe('last words')
    await new Promise<void>(resolve => at.connection.send([Buffer.from('too late')], resolve))
    await at.listener.close()
  })

  it('says which port is taken', async () => {
    const at = await given()
    const accept = () => ({
      onBytes: () => undefined,
      onDrain: () => undefined,
      onClose: () => undefined,
    })
    await expect(
      nodeNetwork().listen({ host: '127.0.0.1', port: at.listener.port }, accept),
    ).rejects.toMatchObject({
      name: 'NetworkError',
      code: 'EADDRINUSE',
    })
    await end(at)
  })
})
