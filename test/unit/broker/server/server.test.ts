import {
  ApiVersions,
  api,
  decodeResponse,
  encodeRequest,
  int32,
  nullableBytes,
  string,
} from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { apiVersions } from '../../../../packages/broker/src/handlers/api-versions.ts'
import type { BrokerParts } from '../../../../packages/broker/src/handlers/broker-parts.ts'
import {
  type Handler,
  handler,
  LATER,
  type RequestContext,
} from '../../../../packages/broker/src/handlers/handler.ts'
import { MemoryClock } from '../../../../packages/broker/src/memory/clock.ts'
import { MemoryNetwork, type MemoryPeer } from '../../../../packages/broker/src/memory/network.ts'
import { memoryRandom } from '../../../../packages/broker/src/memory/random.ts'
import { allowAll } from '../../../../packages/broker/src/security/authorizer.ts'
import { apiRangesOf } from '../../../../packages/broker/src/server/router.ts'
import { Server } from '../../../../packages/broker/src/server/server.ts'
import type { ServerLimits } from '../../../../packages/broker/src/server/server-limits.ts'
import type { Log, World } from '../../../../packages/broker/src/world.ts'

const Echo = api({
  key: 9,
  name: 'Echo',
  versions: [0, 1],
  flexible: undefined,
  request: { text: string, padding: nullableBytes },
  response: { errorCode: int32.orElse(0), text: string },
})

const limits: ServerLimits = {
  frameBytesMax: 1_000_000,
  idleMs: 600_000,
  connectionsMax: 100,
  connectionsPerAddressMax: () => 100,
  requestsPerConnectionMax: 100,
  bytesPerConnectionMax: 1_000_000,
  bytesMax: 10_000_000,
  readDeadlineMs: 30_000,
}

interface Waiting {
  readonly text: string
  readonly context: RequestContext
  answer(text?: string): void
}

/** A server with two APIs: Echo, whose requests wait for the test to answer them, and ApiVersions. */
async function given(overrides: Partial<ServerLimits> = {}) {
  const clock = new MemoryClock({ now: 1_000_000 })
  const network = new MemoryNetwork()
  const logged: { message: string; fields: unknown }[] = []
  const failures: Error[] = []
  const note = (message: string, fields?: unknown) => void logged.push({ message, fields })
  const log: Log = { error: note, warn: note, info: note, debug: note, with: () => log }
  const waiting: Waiting[] = []
  const superseded: string[] = []
  const echo = handler(Echo, [], ({ text }, context) => {
    if (text === 'now') return { text }
    if (text === 'nothing') return undefined
    if (text === 'throw') throw new Error('surprise')
    if (text === 'reject') return Promise.reject(new Error('surprise'))
    if (text === 'close') {
      context.closeConnection('asked to')
      return undefined
    }
    context.onSuperseded(() => superseded.push(text))
    waiting.push({ text, context, answer: said => context.answer({ text: said ?? text }) })
    return LATER
  })
  const handlers = [echo, apiVersions] as unknown as readonly Handler[]
  const world = {
    clock,
    network,
    log,
    random: memoryRandom(1),
    fail: (error: Error) => failures.push(error),
  } as unknown as World
  const broker = {
    world,
    apiRanges: apiRangesOf(handlers),
    metadata: { image: { features: new Map([['metadata.version', 29]]), revision: 7 } },
  } as unknown as BrokerParts
  const server = new Server({
    broker,
    handlers,
    authorizer: allowAll,
    limits: { ...limits, ...overrides },
  })
  const listener = await server.listen({
    name: 'PLAINTEXT',
    securityProtocol: 'PLAINTEXT',
    host: '127.0.0.1',
    port: 0,
  })
  const connect = (address = '10.0.0.1') => network.connect(listener.port, { address })
  const said = (peer: MemoryPeer) => {
    clock.turn()
    return answersIn(peer.take())
  }
  return { clock, server, connect, waiting, superseded, logged, failures, said }
}

const ask = (text: string, correlationId = 1, paddingBytes = 0) =>
  Buffer.concat(
    encodeRequest(
      Echo,
      0,
      { correlationId, clientId: 'test' },
      { text, padding: Buffer.alloc(paddingBytes) },
    ),
  )

function answersIn(bytes: Buffer): (readonly [number, string])[] {
  const answers: (readonly [number, string])[] = []
  for (let position = 0; position < bytes.length; ) {
    const size = bytes.readInt32BE(position)
    const frame = bytes.subarray(position + 4, position + 4 + size)
    const { correlationId, response } = decodeResponse(Echo, 0, frame)
    answers.push([correlationId, response.text])
    position += 4 + size
  }
  return answers
}

describe('a connection', () => {
  it('answers in the order of requests, whatever order the handlers finish in', async () => {
    const { connect, waiting, said } = await given()
    const peer = connect()
    peer.deliver(Buffer.concat([ask('a', 1), ask('b', 2), ask('now', 3)]))
    waiting[1]?.answer()
    expect(said(peer)).toEqual([])
    waiting[0]?.answer()
    expect(said(peer)).toEqual([
      [1, 'a'],
      [2, 'b'],
      [3, 'now'],
    ])
  })

  it('answers requests that arrive byte by byte', async () => {
    const { connect, said } = await given()
    const peer = connect()
    for (const byte of Buffer.concat([ask('now', 1), ask('now', 2)])) peer.deliver(Buffer.of(byte))
    expect(said(peer)).toEqual([
      [1, 'now'],
      [2, 'now'],
    ])
  })

  it('tells a waiting request when another one arrives behind it', async () => {
    const { connect, waiting, superseded, said } = await given()
    const peer = connect()
    peer.deliver(ask('poll', 1))
    expect(superseded).toEqual([])
    peer.deliver(ask('now', 2))
    expect(superseded).toEqual(['poll'])
    peer.deliver(ask('now', 3))
    expect(superseded).toEqual(['poll'])
    waiting[0]?.answer()
    expect(said(peer).map(([id]) => id)).toEqual([1, 2, 3])
  })

  it('leaves out a request that the protocol does not answer', async () => {
    const { connect, said } = await given()
    const peer = connect()
    peer.deliver(Buffer.concat([ask('now', 1), ask('nothing', 2), ask('now', 3)]))
    expect(said(peer).map(([id]) => id)).toEqual([1, 3])
  })

  it('stops reading at its limit of waiting requests and takes up what came with them later, in order', async () => {
    const { connect, waiting, said } = await given({ requestsPerConnectionMax: 2 })
    const peer = connect()
    peer.deliver(Buffer.concat([1, 2, 3, 4, 5].map(id => ask(`r${id}`, id))))
    expect(peer.isPaused).toBe(true)
    expect(waiting.map(({ text }) => text)).toEqual(['r1', 'r2'])
    waiting[0]?.answer()
    expect(said(peer)).toEqual([[1, 'r1']])
    expect(waiting.map(({ text }) => text)).toEqual(['r1', 'r2', 'r3'])
    waiting[1]?.answer()
    waiting[2]?.answer()
    expect(said(peer).map(([id]) => id)).toEqual([2, 3])
    waiting[3]?.answer()
    waiting[4]?.answer()
    expect(said(peer).map(([id]) => id)).toEqual([4, 5])
    expect(peer.isPaused).toBe(false)
  })

  it('stops reading while the client leaves more answers unread than fit', async () => {
    const { connect, waiting } = await given({ bytesPerConnectionMax: 50_000 })
    const peer = connect()
    peer.stall()
    const long = 'x'.repeat(30_000)
    for (let id = 1; id <= 2; id++) {
      peer.deliver(ask('r', id))
      waiting[id - 1]?.answer(long)
    }
    peer.deliver(ask('r', 3))
    expect(peer.isPaused).toBe(true)
    expect(waiting).toHaveLength(2)
    peer.drain()
    expect(waiting).toHaveLength(2)
  })

  it('reads on once the answers have left', async () => {
    const { clock, connect, waiting } = await given({ bytesPerConnectionMax: 50_000 })
    const peer = connect()
    peer.stall()
    peer.deliver(ask('r', 1))
    waiting[0]?.answer('x'.repeat(30_000))
    peer.deliver(ask('r', 2))
    waiting[1]?.answer('x'.repeat(30_000))
    peer.deliver(ask('r', 3))
    clock.turn()
    expect(waiting).toHaveLength(2)
    peer.drain()
    expect(waiting).toHaveLength(3)
    expect(peer.isPaused).toBe(false)
  })

  it('shares the bytes of the broker: others wait, none starves', async () => {
    const { connect, server, waiting, said } = await given({ bytesMax: 10_000 })
    const [first, second] = [connect(), connect()]
    first.deliver(ask('big', 1, 20_000))
    second.deliver(ask('a', 1))
    second.deliver(ask('b', 2))
    expect(waiting.map(({ text }) => text)).toEqual(['big', 'a'])
    expect(second.isPaused).toBe(true)
    waiting[0]?.answer()
    expect(said(first)).toEqual([[1, 'big']])
    expect(waiting.map(({ text }) => text)).toEqual(['big', 'a', 'b'])
    waiting[1]?.answer()
    waiting[2]?.answer()
    expect(said(second)).toEqual([
      [1, 'a'],
      [2, 'b'],
    ])
    expect(server.inFlightBytes).toBe(0)
  })

  it('gives lent bytes back when the answer left or the connection ended', async () => {
    const { connect, waiting, said } = await given()
    const [first, second] = [connect(), connect()]
    const returned: string[] = []
    first.deliver(ask('a'))
    second.deliver(ask('b'))
    for (const { text, context } of waiting) context.onSent(() => returned.push(text))
    waiting[0]?.answer()
    expect(returned).toEqual([])
    expect(said(first)).toEqual([[1, 'a']])
    expect(returned).toEqual(['a'])
    second.disconnect()
    waiting[1]?.answer()
    expect(returned).toEqual(['a', 'b'])
  })

  it('tells a waiting handler that its connection ended', async () => {
    const { connect, server, waiting } = await given()
    const peer = connect()
    let isAbandoned = false
    peer.deliver(ask('a'))
    waiting[0]?.context.onAbandoned(() => {
      isAbandoned = true
    })
    peer.disconnect()
    expect(isAbandoned).toBe(true)
    expect(server.connectionsCount).toBe(0)
    expect(server.inFlightBytes).toBe(0)
  })
})

describe('a handler that fails', () => {
  it('costs its request an error where the response has a place for one', async () => {
    const { connect, logged, said } = await given()
    const peer = connect()
    peer.deliver(ask('throw', 1))
    peer.deliver(ask('now', 2))
    expect(said(peer).map(([id]) => id)).toEqual([1, 2])
    expect(logged[0]?.message).toBe('a request failed unexpectedly')
  })

  it('costs the same when its promise is rejected', async () => {
    const { connect, said } = await given()
    const peer = connect()
    peer.deliver(ask('reject', 1))
    await new Promise(resolve => setImmediate(resolve))
    expect(said(peer).map(([id]) => id)).toEqual([1])
  })

  it('may close the connection after the answers before it, and drops those behind it', async () => {
    const { connect, waiting, said } = await given()
    const peer = connect()
    peer.deliver(Buffer.concat([ask('a', 1), ask('close', 2), ask('b', 3)]))
    expect(waiting.map(({ text }) => text)).toEqual(['a'])
    waiting[0]?.answer()
    expect(said(peer)).toEqual([[1, 'a']])
    expect(peer.isOpen).toBe(false)
  })
})

describe('deadlines', () => {
  it('end a connection that began a frame and does not go on', async () => {
    const { clock, connect } = await given()
    const peer = connect()
    peer.deliver(ask('now').subarray(0, 10))
    clock.advance(29_000)
    peer.deliver(Buffer.of(0))
    clock.advance(500)
    expect(peer.isOpen).toBe(true)
    clock.advance(3000)
    expect(peer.isOpen).toBe(false)
  })

  it('allow a large frame the time that its size takes', async () => {
    const { clock, connect, said } = await given()
    const peer = connect()
    const frame = ask('now', 1, 900_000)
    for (let position = 0; position < frame.length; position += 20_000) {
      peer.deliver(frame.subarray(position, position + 20_000))
      clock.advance(900)
    }
    expect(said(peer)).toHaveLength(1)
  })

  it('end an idle connection, but not one that waits for an answer', async () => {
    const { clock, connect, waiting } = await given({ idleMs: 60_000 })
    const [idle, busy] = [connect(), connect()]
    idle.deliver(ask('now'))
    busy.deliver(ask('poll'))
    clock.advance(70_000)
    expect([idle.isOpen, busy.isOpen]).toEqual([false, true])
    waiting[0]?.answer()
    clock.advance(70_000)
    expect(busy.isOpen).toBe(false)
  })

  it('end a connection that does not take its answers', async () => {
    const { clock, connect, logged } = await given()
    const peer = connect()
    peer.stall()
    peer.deliver(ask('now'))
    clock.advance(59_000)
    expect(peer.isOpen).toBe(true)
    clock.advance(3000)
    expect(peer.isOpen).toBe(false)
    expect(logged[0]?.fields).toMatchObject({ reason: 'the client does not take its answers' })
  })
})

describe('accepting', () => {
  it('refuses what is above max.connections and max.connections.per.ip, and leaves the others alone', async () => {
    const { connect, said } = await given({ connectionsMax: 3, connectionsPerAddressMax: () => 2 })
    const peers = [
      connect('10.0.0.1'),
      connect('10.0.0.1'),
      connect('10.0.0.1'),
      connect('10.0.0.2'),
      connect('10.0.0.3'),
    ]
    expect(peers.map(peer => peer.isOpen)).toEqual([true, true, false, true, false])
    peers[0]?.disconnect()
    expect(connect('10.0.0.1').isOpen).toBe(true)
    peers[1]?.deliver(ask('now'))
    expect(peers[1] && said(peers[1])).toHaveLength(1)
  })

  it('logs a peer that breaks the protocol once a minute, with a hint', async () => {
    const { clock, connect, logged } = await given()
    connect().deliver(Buffer.from('GET / HTTP/1.1\r\n\r\n'))
    connect().deliver(Buffer.from('GET / HTTP/1.1\r\n\r\n'))
    connect('10.0.0.9').deliver(Buffer.from('16030100c8010000c40303', 'hex'))
    expect(logged.map(({ fields }) => fields)).toMatchObject([
      { remoteAddress: '10.0.0.1', hint: expect.stringContaining('HTTP') },
      { remoteAddress: '10.0.0.9', hint: expect.stringContaining('TLS') },
    ])
    clock.advance(61_000)
    connect().deliver(Buffer.of(0xff, 0xff, 0xff, 0xff))
    expect(logged[2]?.fields).toMatchObject({ reason: 'the frame has a negative size' })
  })
})

describe('stopping', () => {
  it('lets answers that are on their way leave, and then ends', async () => {
    const { clock, server, connect, waiting, superseded } = await given()
    const [busy, idle] = [connect(), connect()]
    busy.deliver(ask('poll', 1))
    let isStopped = false
    const stopping = server.stop(5000).then(() => {
      isStopped = true
    })
    await new Promise(resolve => setImmediate(resolve))
    clock.turn()
    expect(superseded).toEqual(['poll'])
    expect(idle.isOpen).toBe(false)
    expect(isStopped).toBe(false)
    waiting[0]?.answer()
    clock.turn()
    expect(answersIn(busy.take())).toEqual([[1, 'poll']])
    expect(busy.isOpen).toBe(false)
    await stopping
  })

  it('does not wait longer than it was told', async () => {
    const { clock, server, connect } = await given()
    connect().deliver(ask('poll', 1))
    const stopping = server.stop(5000)
    await new Promise(resolve => setImmediate(resolve))
    clock.advance(5000)
    await stopping
    expect(server.connectionsCount).toBe(0)
  })
})

describe('ApiVersions', () => {
  const versions = (version: number, clientSoftwareName = 'test') =>
    Buffer.concat(
      encodeRequest(
        ApiVersions,
        version,
        { correlationId: 5, clientId: null },
        { clientSoftwareName, clientSoftwareVersion: '1.0' },
      ),
    )

  it('advertises what the handlers are, in order of their keys', async () => {
    const { clock, connect } = await given()
    const peer = connect()
    peer.deliver(versions(4))
    clock.turn()
    const { response } = decodeResponse(ApiVersions, 4, peer.take().subarray(4))
    expect(response).toMatchObject({
      errorCode: 0,
      apiKeys: [
        { apiKey: 9, minVersion: 0, maxVersion: 1 },
        { apiKey: 18, minVersion: 0, maxVersion: 4 },
      ],
      finalizedFeaturesEpoch: 7,
      finalizedFeatures: [{ name: 'metadata.version', maxVersionLevel: 29, minVersionLevel: 29 }],
    })
  })

  it('answers a version from the future in version 0 with its own range', async () => {
    const { clock, connect } = await given()
    const peer = connect()
    const request = versions(4)
    request.writeInt16BE(99, 6)
    peer.deliver(request)
    clock.turn()
    const { correlationId, response } = decodeResponse(ApiVersions, 0, peer.take().subarray(4))
    expect(correlationId).toBe(5)
    expect(response).toMatchObject({
      errorCode: 35,
      apiKeys: [{ apiKey: 18, minVersion: 0, maxVersion: 4 }],
    })
    expect(peer.isOpen).toBe(true)
  })

  it('refuses an illegal software name', async () => {
    const { clock, connect } = await given()
    const peer = connect()
    peer.deliver(versions(3, '-bad name'))
    clock.turn()
    expect(decodeResponse(ApiVersions, 3, peer.take().subarray(4)).response.errorCode).toBe(42)
  })
})
