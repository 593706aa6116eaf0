/**
 * Requests of transactional producers that arrive late or twice, through a proxy that holds and repeats frames: KAFKA-14402 (hanging
 * transactions) and KAFKA-17754 (torn ones). No record, offset or end comes into a transaction that it does not belong to.
 */
import {
  AddPartitionsToTxn,
  decodeResponse,
  EndTxn,
  errorName,
  InitProducerId,
  Produce,
  TxnOffsetCommit,
} from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { MemoryDisk } from '../../packages/broker/src/memory/disk.ts'
import { type BrokerOn, brokerOn } from '../support/broker-on.ts'
import { HoldingProxy, type KeptFrames } from '../support/holding-proxy.ts'
import { RawConnection } from '../support/raw-connection.ts'
import {
  committedOffset,
  makeOrders,
  producedIn,
  readCommitted,
  TransactionalClient,
  untilState,
} from '../support/transactional-client.ts'

const ID = 'payments'
const [PRODUCE, INIT, ADD, END, OFFSETS] = [
  Produce.key,
  InitProducerId.key,
  AddPartitionsToTxn.key,
  EndTxn.key,
  TxnOffsetCommit.key,
]

interface Stage extends AsyncDisposable {
  readonly proxy: HoldingProxy
  /** Through the proxy, with nothing open. */
  client(version: 1 | 2): Promise<TransactionalClient>
  /** Another connection for the client, as after a request that took too long. */
  reconnect(client: TransactionalClient): Promise<void>
  /** Past the proxy. */
  direct(): Promise<RawConnection>
  /** The broker crashes and starts again on what it left. */
  crash(): Promise<void>
}

async function stage(): Promise<Stage> {
  const disk = new MemoryDisk({ now: Date.now, capacityBytes: 2 ** 34 })
  let broker: BrokerOn = await brokerOn(disk)
  const proxy = await HoldingProxy.open(broker)
  const connections: RawConnection[] = []
  const opened = async (to: { readonly host: string; readonly port: number }) => {
    const connection = await RawConnection.open(to)
    connections.push(connection)
    return connection
  }
  await makeOrders(await opened(broker))
  return {
    proxy,
    direct: () => opened(broker),
    async client(version) {
      const client = new TransactionalClient(await opened(proxy), { transactionalId: ID, version })
      expect(await client.init()).toBe('NONE')
      return client
    },
    async reconnect(client) {
      client.connection = await opened(proxy)
    },
    async crash() {
      await broker.broker.abort(new Error('the broker is to crash'))
      broker = await brokerOn(disk)
      proxy.aimAt(broker)
    },
    async [Symbol.asyncDispose]() {
      for (const connection of connections) connection.destroy()
      await proxy[Symbol.asyncDispose]()
      await broker[Symbol.asyncDispose]()
    },
  }
}

const of =
  (key: number) =>
  ({ apiKey }: { readonly apiKey: number }) =>
    apiKey === key

async function lateProduces({ proxy }: Stage, kept: KeptFrames, version: 1 | 2) {
  const answers = await proxy.deliver(kept)
  const api = version === 2 ? 12 : 11
  return answers.map(answer => producedIn(decodeResponse(Produce, api, answer).response))
}

/** Writes a record whose request is held, waits no longer, and aborts. */
async function giveUpRecord(on: Stage, client: TransactionalClient): Promise<KeptFrames> {
  const held = on.proxy.hold(of(PRODUCE))
  client.sendRecord(0, 'late')
  await held.has(1)
  on.proxy.passAll()
  await on.reconnect(client)
  return held
}

describe.each([1, 2] as const)('a late Produce of v%i', version => {
  it('is refused when its transaction is over and none is open (KAFKA-14402)', async () => {
    await using on = await stage()
    const client = await on.client(version)
    expect(await client.write(1, 'first')).toBe('NONE')
    if (version === 1) expect(await client.add(0)).toBe('NONE')
    const held = await giveUpRecord(on, client)
    expect(await client.end('abort')).toBe('NONE')
    const connection = await on.direct()
    await untilState(connection, ID, 'CompleteAbort')
    const [error] = await lateProduces(on, held, version)
    expect(error).toBe(version === 2 ? 'INVALID_PRODUCER_EPOCH' : 'TRANSACTION_ABORTABLE')
    const { values, stable, end } = await readCommitted(connection, 0)
    expect(values).toEqual([])
    expect(stable, 'nothing hangs').toBe(end)
  })

  it('does not come into the next transaction of its producer (KAFKA-17754)', async () => {
    await using on = await stage()
    const client = await on.client(version)
    expect(await client.write(1, 'first')).toBe('NONE')
    if (version === 1) expect(await client.add(0)).toBe('NONE')
    const held = await giveUpRecord(on, client)
    expect(await client.end('abort')).toBe('NONE')
    // What may still be on its way makes clients of v1 ask for another epoch; with v2 they have one.
    if (version === 1) expect(await client.init('current')).toBe('NONE')
    expect(await client.write(0, 'second')).toBe('NONE')
    expect(await lateProduces(on, held, version)).toEqual(['INVALID_PRODUCER_EPOCH'])
    expect(await client.end('commit')).toBe('NONE')
    const connection = await on.direct()
    await untilState(connection, ID, 'CompleteCommit')
    expect(await readCommitted(connection, 0)).toMatchObject({ values: ['second'] })
    expect(await readCommitted(connection, 1)).toMatchObject({ values: [] })
  })

  it('does not come in after a crash of the broker', async () => {
    await using on = await stage()
    const client = await on.client(version)
    expect(await client.write(1, 'first')).toBe('NONE')
    if (version === 1) expect(await client.add(0)).toBe('NONE')
    const held = await giveUpRecord(on, client)
    expect(await client.end('abort')).toBe('NONE')
    await on.crash()
    const connection = await on.direct()
    await untilState(connection, ID, 'CompleteAbort')
    const [error] = await lateProduces(on, held, version)
    expect(error).toBe(version === 2 ? 'INVALID_PRODUCER_EPOCH' : 'TRANSACTION_ABORTABLE')
    await on.reconnect(client)
    if (version === 1) expect(await client.init('current')).toBe('NONE')
    expect(await client.write(0, 'second')).toBe('NONE')
    expect(await client.end('commit')).toBe('NONE')
    await untilState(connection, ID, 'CompleteCommit')
    expect(await readCommitted(connection, 0)).toMatchObject({ values: ['second'] })
  })

  it('of a producer that is replaced is refused', async () => {
    await using on = await stage()
    const zombie = await on.client(version)
    expect(await zombie.write(1, 'first')).toBe('NONE')
    if (version === 1) expect(await zombie.add(0)).toBe('NONE')
    const held = await giveUpRecord(on, zombie)
    const successor = await on.client(version)
    expect(await successor.write(1, 'second')).toBe('NONE')
    expect(await lateProduces(on, held, version)).not.toContain('NONE')
    expect(await successor.end('commit')).toBe('NONE')
    const connection = await on.direct()
    await untilState(connection, ID, 'CompleteCommit')
    const { values, stable, end } = await readCommitted(connection, 0)
    expect([values, stable]).toEqual([[], end])
    expect(await readCommitted(connection, 1)).toMatchObject({ values: ['second'] })
  })

  it('that was sent again is written once', async () => {
    await using on = await stage()
    const client = await on.client(version)
    const copies = on.proxy.copy(of(PRODUCE))
    expect(await client.write(0, 'once')).toBe('NONE')
    on.proxy.passAll()
    expect(await lateProduces(on, copies, version)).toEqual(['NONE'])
    expect(await client.end('commit')).toBe('NONE')
    const connection = await on.direct()
    await untilState(connection, ID, 'CompleteCommit')
    expect(await readCommitted(connection, 0)).toMatchObject({ values: ['once'] })
  })

  it('that comes twice, and again when its transaction is over, is there once', async () => {
    await using on = await stage()
    const client = await on.client(version)
    const copies = on.proxy.copy(of(PRODUCE))
    expect(await client.write(0, 'once')).toBe('NONE')
    on.proxy.passAll()
    expect(await client.end('commit')).toBe('NONE')
    const connection = await on.direct()
    await untilState(connection, ID, 'CompleteCommit')
    await lateProduces(on, copies, version)
    expect(await client.write(0, 'next')).toBe('NONE')
    expect(await client.end('commit')).toBe('NONE')
    await untilState(connection, ID, 'CompleteCommit')
    const { values, stable, end } = await readCommitted(connection, 0)
    expect([values, stable]).toEqual([['once', 'next'], end])
  })
})

describe('a late EndTxn', () => {
  const lateEnds = async ({ proxy }: Stage, kept: KeptFrames, version: number) => {
    const answers = await proxy.deliver(kept)
    return answers.map(answer =>
      errorName(decodeResponse(EndTxn, version, answer).response.errorCode),
    )
  }

  it.each(['before', 'after'] as const)(
    'of v2 does not end the next transaction (%s a crash)',
    async when => {
      await using on = await stage()
      const client = await on.client(2)
      const copies = on.proxy.copy(of(END))
      expect(await client.write(0, 'first')).toBe('NONE')
      expect(await client.end('commit')).toBe('NONE')
      on.proxy.passAll()
      expect(await client.write(0, 'second')).toBe('NONE')
      if (when === 'after') await on.crash()
      const connection = await on.direct()
      await untilState(connection, ID, 'Ongoing')
      expect(await lateEnds(on, copies, 5)).toEqual(['PRODUCER_FENCED'])
      expect(await readCommitted(connection, 0)).toMatchObject({ values: ['first'], stable: 2 })
      await on.reconnect(client)
      expect(await client.end('abort')).toBe('NONE')
      await untilState(connection, ID, 'CompleteAbort')
      expect(await readCommitted(connection, 0)).toMatchObject({ values: ['first'], stable: 4 })
    },
  )

  it('of v2 that is held while its transaction times out does not commit what comes after', async () => {
    await using on = await stage()
    const client = await on.client(2)
    expect(await client.init(undefined, 1)).toBe('NONE')
    expect(await client.write(0, 'first')).toBe('NONE')
    const held = on.proxy.hold(of(END))
    client.sendEnd('commit')
    await held.has(1)
    on.proxy.passAll()
    const connection = await on.direct()
    await untilState(connection, ID, 'CompleteAbort')
    await on.reconnect(client)
    expect(await client.init()).toBe('NONE')
    expect(await client.write(0, 'second')).toBe('NONE')
    expect(await lateEnds(on, held, 5)).toEqual(['PRODUCER_FENCED'])
    expect(await client.end('abort')).toBe('NONE')
    await untilState(connection, ID, 'CompleteAbort')
    expect(await readCommitted(connection, 0)).toMatchObject({ values: [] })
  })

  it('of a commit that was repeated after an abort finds the abort done (v2)', async () => {
    await using on = await stage()
    const client = await on.client(2)
    expect(await client.write(0, 'first')).toBe('NONE')
    const held = on.proxy.hold(of(END))
    client.sendEnd('commit')
    await held.has(1)
    on.proxy.passAll()
    await on.reconnect(client)
    expect(await client.end('abort')).toBe('NONE')
    const connection = await on.direct()
    await untilState(connection, ID, 'CompleteAbort')
    expect(await lateEnds(on, held, 5)).toEqual(['INVALID_TXN_STATE'])
    expect(await readCommitted(connection, 0)).toMatchObject({ values: [] })
  })

  it('of v1 says nothing of its transaction, so it ends whatever is open: what KIP-890 is for', async () => {
    await using on = await stage()
    const client = await on.client(1)
    const copies = on.proxy.copy(of(END))
    expect(await client.write(0, 'first')).toBe('NONE')
    expect(await client.end('commit')).toBe('NONE')
    on.proxy.passAll()
    expect(await client.write(0, 'second')).toBe('NONE')
    expect(await lateEnds(on, copies, 4)).toEqual(['NONE'])
    // But never another producer's: with the successor it is fenced.
    const again = on.proxy.copy(of(END))
    expect(await client.write(0, 'third')).toBe('NONE')
    expect(await client.end('commit')).toBe('NONE')
    on.proxy.passAll()
    const successor = await on.client(1)
    expect(await successor.write(0, 'fourth')).toBe('NONE')
    expect(await lateEnds(on, again, 4)).toEqual(['PRODUCER_FENCED'])
  })
})

describe('a late AddPartitionsToTxn', () => {
  const lateAdds = async ({ proxy }: Stage, kept: KeptFrames) => {
    const answers = await proxy.deliver(kept)
    return answers.map(answer => {
      const { response } = decodeResponse(AddPartitionsToTxn, 3, answer)
      const [topic] = response.resultsByTopicV3AndBelow
      return errorName(topic?.resultsByPartition[0]?.partitionErrorCode ?? -1)
    })
  }

  it('of a fenced producer changes nothing', async () => {
    await using on = await stage()
    const client = await on.client(1)
    const copies = on.proxy.copy(of(ADD))
    expect(await client.write(0, 'first')).toBe('NONE')
    on.proxy.passAll()
    const successor = await on.client(1)
    expect(await lateAdds(on, copies)).toEqual(['PRODUCER_FENCED'])
    const connection = await on.direct()
    await untilState(connection, ID, 'Empty')
    expect(await successor.write(1, 'second')).toBe('NONE')
    expect(await successor.end('commit')).toBe('NONE')
    await untilState(connection, ID, 'CompleteCommit')
    const { values, stable, end } = await readCommitted(connection, 0)
    expect([values, stable]).toEqual([[], end])
  })

  it('that comes twice is of no consequence, and one that begins a transaction holds up no reader', async () => {
    await using on = await stage()
    const client = await on.client(1)
    const copies = on.proxy.copy(of(ADD))
    expect(await client.write(0, 'first')).toBe('NONE')
    expect(await client.end('commit')).toBe('NONE')
    on.proxy.passAll()
    const connection = await on.direct()
    await untilState(connection, ID, 'CompleteCommit')
    expect(await lateAdds(on, copies)).toEqual(['NONE'])
    await untilState(connection, ID, 'Ongoing')
    const { values, stable, end } = await readCommitted(connection, 0)
    expect([values, stable]).toEqual([['first'], end])
    expect(await client.write(1, 'second')).toBe('NONE')
    expect(await client.end('commit')).toBe('NONE')
    await untilState(connection, ID, 'CompleteCommit')
    expect(await readCommitted(connection, 1)).toMatchObject({ values: ['second'] })
  })
})

describe.each([1, 2] as const)('a late TxnOffsetCommit of v%i', version => {
  const lateOffsets = async ({ proxy }: Stage, kept: KeptFrames) => {
    const answers = await proxy.deliver(kept)
    return answers.map(answer => {
      const { response } = decodeResponse(TxnOffsetCommit, version === 2 ? 5 : 4, answer)
      return errorName(response.topics[0]?.partitions[0]?.errorCode ?? -1)
    })
  }

  it('does not count when its transaction is over, nor with the next one', async () => {
    await using on = await stage()
    const client = await on.client(version)
    expect(await client.write(0, 'first')).toBe('NONE')
    expect(await client.commitOffset(1)).toBe('NONE')
    const held = on.proxy.hold(of(OFFSETS))
    client.sendOffset(7)
    await held.has(1)
    on.proxy.passAll()
    await on.reconnect(client)
    expect(await client.end('abort')).toBe('NONE')
    const connection = await on.direct()
    await untilState(connection, ID, 'CompleteAbort')
    const frames = [...held.frames]
    expect(await lateOffsets(on, held)).not.toContain('NONE')
    expect(await committedOffset(connection)).toBe(-1)
    if (version === 1) expect(await client.init('current')).toBe('NONE')
    expect(await client.write(0, 'second')).toBe('NONE')
    expect(await client.commitOffset(3)).toBe('NONE')
    held.frames.push(...frames)
    expect(await lateOffsets(on, held)).not.toContain('NONE')
    expect(await client.end('commit')).toBe('NONE')
    expect(await committedOffset(connection)).toBe(3)
  })
})

describe.each([1, 2] as const)('a late InitProducerId of v%i', version => {
  const lateInits = async ({ proxy }: Stage, kept: KeptFrames) => {
    const answers = await proxy.deliver(kept)
    const api = version === 2 ? 5 : 4
    return answers.map(answer => decodeResponse(InitProducerId, api, answer).response)
  }

  it('of who had an epoch before does not fence who has it now (KIP-360)', async () => {
    await using on = await stage()
    const client = await on.client(version)
    const copies = on.proxy.copy(of(INIT))
    expect(await client.init('current')).toBe('NONE')
    on.proxy.passAll()
    expect(await client.init('current')).toBe('NONE')
    expect(await client.write(0, 'first')).toBe('NONE')
    const [late] = await lateInits(on, copies)
    expect(errorName(late?.errorCode ?? -1)).toBe('PRODUCER_FENCED')
    expect(await client.end('commit')).toBe('NONE')
    expect(await readCommitted(await on.direct(), 0)).toMatchObject({ values: ['first'] })
  })

  it('of somebody who begins takes the id over: what was open is aborted as a whole, and nothing follows', async () => {
    await using on = await stage()
    const copies = on.proxy.copy(of(INIT))
    const client = await on.client(version)
    on.proxy.passAll()
    expect(await client.write(0, 'first')).toBe('NONE')
    await lateInits(on, copies)
    const connection = await on.direct()
    await untilState(connection, ID, 'Empty')
    expect(await client.write(0, 'second')).not.toBe('NONE')
    expect(await client.end('commit')).toBe('PRODUCER_FENCED')
    const { values, stable, end } = await readCommitted(connection, 0)
    expect([values, stable]).toEqual([[], end])
  })
})
