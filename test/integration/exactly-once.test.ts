import { startBroker } from '@varve/broker'
import { Varve } from '@varve/client'
import { describe, expect, it } from 'vitest'

const quiet = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} }
const COUNT = 600

async function stageOf(partitions: number) {
  const broker = await startBroker({ storage: 'memory' })
  const varve = new Varve({ brokers: [broker.address], log: quiet, retryBackoffMs: 10 })
  await using admin = varve.admin()
  await admin.createTopics([
    { name: 'in', partitions },
    { name: 'out', partitions },
  ])
  return { varve, [Symbol.asyncDispose]: () => broker[Symbol.asyncDispose]() }
}

const inputs = Array.from({ length: COUNT }, (_, index) => `value ${index}`)

async function feed(varve: Varve, values: readonly string[] = inputs): Promise<void> {
  await using producer = varve.producer({ batchSizeBytes: 300 })
  await Promise.all(values.map(value => producer.send({ topic: 'in', key: value, value })))
}

async function outputs(varve: Varve): Promise<string[]> {
  await using consumer = varve.consumer({
    topics: ['out'],
    startAt: 'earliest',
    stopAtEnd: true,
    isolationLevel: 'read_committed',
  })
  const values: string[] = []
  for await (const { value } of consumer) values.push(String(value))
  return values.toSorted()
}

interface Instance {
  readonly name: string
  /** Called with the number of records handled so far, before what is made of a batch is sent. */
  readonly onBatch?: (handled: number) => unknown
  readonly onAssigned?: () => void
}

/** Runs until what all instances have written comes to the number of records, or it is stopped. */
function transforming(varve: Varve, { name, onBatch, onAssigned }: Instance) {
  const stopping = new AbortController()
  let handled = 0
  const done = varve.exactlyOnce({
    consumer: {
      ...{ groupId: 'g', topics: ['in'], startAt: 'earliest', maxPartitionBytes: 300 },
      ...{ heartbeatIntervalMs: 50, onAssigned: () => onAssigned?.() },
    },
    producer: { transactionalId: name },
    eachBatch: async ({ records }, transaction) => {
      handled += records.length
      await onBatch?.(handled)
      for (const { key, value } of records) void transaction.send({ topic: 'out', key, value })
    },
    signal: stopping.signal,
  })
  done.catch(() => undefined)
  return { done, stop: () => stopping.abort() }
}

/** Resolves when so many records can be read, committed. */
async function untilWritten(varve: Varve, count: number): Promise<void> {
  await using consumer = varve.consumer({
    topics: ['out'],
    startAt: 'earliest',
    isolationLevel: 'read_committed',
  })
  let seen = 0
  for await (const _ of consumer) {
    seen += 1
    if (seen === count) return
  }
}

/** A promise, and what resolves it. */
function gate() {
  let open = () => {}
  const passed = new Promise<void>(resolve => {
    open = resolve
  })
  return { passed, open }
}

describe('exactlyOnce', () => {
  it('writes what it makes of each record once, while instances come and go', async () => {
    await using stage = await stageOf(4)
    const { varve } = stage
    const parts = [inputs.slice(0, 200), inputs.slice(200, 400), inputs.slice(400)]
    await feed(varve, parts[0])
    const firstCame = gate()
    const first = transforming(varve, { name: 'first', onBatch: () => firstCame.open() })
    await firstCame.passed
    const joined = gate()
    const secondCame = gate()
    const second = transforming(varve, {
      ...{ name: 'second', onAssigned: joined.open, onBatch: secondCame.open },
    })
    await joined.passed
    await feed(varve, parts[1])
    await secondCame.passed
    first.stop()
    await first.done
    await feed(varve, parts[2])
    await untilWritten(varve, COUNT)
    second.stop()
    await second.done
    expect(await outputs(varve)).toEqual(inputs.toSorted())
  })

  it('takes back what a handler sent that failed, and reads it again when it is begun anew', async () => {
    await using stage = await stageOf(1)
    const { varve } = stage
    await feed(varve)
    const failing = transforming(varve, {
      name: 'one',
      onBatch: handled => {
        if (handled > COUNT / 2) throw new Error('the handler failed')
      },
    })
    await expect(failing.done).rejects.toThrow('the handler failed')
    const again = transforming(varve, { name: 'one' })
    await untilWritten(varve, COUNT)
    again.stop()
    await again.done
    expect(await outputs(varve)).toEqual(inputs.toSorted())
  })

  it('is fenced by another instance with its transactionalId, which goes on where it was', async () => {
    await using stage = await stageOf(1)
    const { varve } = stage
    await feed(varve)
    const held = gate()
    const reached = gate()
    const zombie = transforming(varve, {
      name: 'one',
      onBatch: handled => {
        if (handled < COUNT / 2) return
        reached.open()
        return held.passed
      },
    })
    await reached.passed
    const successor = varve.producer({ transactionalId: 'one' })
    await successor.initTransactions()
    held.open()
    await expect(zombie.done).rejects.toMatchObject({ code: 'FENCED' })
    await successor.close()
    const next = transforming(varve, { name: 'one' })
    await untilWritten(varve, COUNT)
    next.stop()
    await next.done
    expect(await outputs(varve)).toEqual(inputs.toSorted())
  })

  it('reads again what was in a transaction that took too long', async () => {
    await using stage = await stageOf(1)
    const { varve } = stage
    await feed(varve)
    await using admin = varve.admin()
    const isOpen = async () => {
      const states = ['Ongoing', 'PrepareAbort'] as const
      return (await admin.listTransactions({ states })).length > 0
    }
    let late = 0
    const stopping = new AbortController()
    const done = varve.exactlyOnce({
      consumer: { groupId: 'g', topics: ['in'], startAt: 'earliest', maxPartitionBytes: 3000 },
      producer: { transactionalId: 'one', transactionTimeoutMs: 500 },
      eachBatch: async ({ records }, transaction) => {
        for (const { key, value } of records) void transaction.send({ topic: 'out', key, value })
        if (late > 1) return
        late += 1
        await transaction.send({ topic: 'out', key: 'late', value: 'late' })
        while (await isOpen()) continue
      },
      signal: stopping.signal,
    })
    await untilWritten(varve, COUNT)
    stopping.abort()
    await done
    expect(await outputs(varve)).toEqual(inputs.toSorted())
    expect(late).toBe(2)
  })

  it('ends with what cannot be written, as it would be the same the next time', async () => {
    await using stage = await stageOf(1)
    const { varve } = stage
    await feed(varve)
    const done = varve.exactlyOnce({
      consumer: { groupId: 'g', topics: ['in'], startAt: 'earliest' },
      producer: { transactionalId: 'one', maxRequestBytes: 10_000_000 },
      eachBatch: (_, transaction) =>
        void transaction.send({ topic: 'out', value: Buffer.alloc(2_000_000) }),
    })
    await expect(done).rejects.toMatchObject({
      code: 'TRANSACTION_FAILED',
      cause: { code: 'MESSAGE_TOO_LARGE' },
    })
    expect(await outputs(varve)).toEqual([])
  })
})
