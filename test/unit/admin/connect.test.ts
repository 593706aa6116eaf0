import { createServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import { connect } from '../../../packages/admin/src/connect.ts'
import type { Terminal } from '../../../packages/admin/src/terminal.ts'

const terminal = { environment: {}, say: () => undefined } as unknown as Terminal
const options = { timeout: 1, verbose: false }

describe('connect', () => {
  it('is content when one of several brokers listens', async () => {
    const server = createServer(socket => socket.destroy()).listen(0, '127.0.0.1')
    await new Promise(resolve => server.once('listening', resolve))
    const { port } = server.address() as { port: number }
    const bootstrapServer = `127.0.0.1:1, 127.0.0.1:${port}`
    await expect(connect({ ...options, bootstrapServer }, terminal)).resolves.toBeDefined()
    server.close()
  })

  it('says at once that nobody listens, and where', async () => {
    await expect(
      connect({ ...options, bootstrapServer: '127.0.0.1:1,[::1]:1' }, terminal),
    ).rejects.toThrow('No broker answers at 127.0.0.1:1, [::1]:1')
  })

  it('refuses an address that is none, and a time that is none', async () => {
    await expect(connect({ ...options, bootstrapServer: 'a b:1' }, terminal)).rejects.toThrow(
      'expected host:port',
    )
    await expect(
      connect({ timeout: -1, verbose: false, bootstrapServer: 'a:1' }, terminal),
    ).rejects.toThrow('--timeout is -1')
  })
})
