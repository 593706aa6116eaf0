import { createServer, type Server, type Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { nodePlatform } from '../../../../packages/client/src/node/platform.ts'

async function listening(
  onConnection: Parameters<typeof createServer>[1],
): Promise<{ server: Server; port: number }> {
  const server = createServer(onConnection as never)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return { server, port: (server.address() as { port: number }).port }
}

describe('nodePlatform', () => {
  it('sends parts in order and hands over what comes', async () => {
    const { server, port } = await listening(((socket: Socket) => socket.pipe(socket)) as never)
    const chunks: Buffer[] = []
    await new Promise<void>(resolve => {
      const socket = nodePlatform().connect(
        { host: '127.0.0.1', port },
        {
          onConnect: () =>
            socket.send([Buffer.from('one '), Buffer.from('two '), Buffer.from('three')]),
          onBytes: chunk => {
            chunks.push(Buffer.from(chunk))
            if (Buffer.concat(chunks).length === 13) socket.destroy()
          },
          onClose: () => resolve(),
        },
      )
    })
    expect(String(Buffer.concat(chunks))).toBe('one two three')
    server.close()
  })

  it('says why a connection could not be made', async () => {
    const { server, port } = await listening(undefined)
    await new Promise(resolve => server.close(resolve))
    const reason = await new Promise<Error | undefined>(resolve => {
      const events = { onConnect: () => {}, onBytes: () => {}, onClose: resolve }
      nodePlatform().connect({ host: '127.0.0.1', port }, events)
    })
    expect(reason?.message).toContain('ECONNREFUSED')
  })

  it('has clocks, timers and chance', async () => {
    const { clock, random } = nodePlatform()
    const before = clock.monotonic()
    await new Promise<void>(resolve => clock.endOfTurn(resolve))
    await new Promise<void>(resolve => clock.after(1, resolve))
    clock.after(1, () => expect.unreachable()).cancel()
    expect(clock.monotonic()).toBeGreaterThan(before)
    expect(clock.now()).toBeGreaterThan(1_600_000_000_000)
    for (let count = 0; count < 100; count += 1) expect([0, 1, 2]).toContain(random.below(3))
  })
})
