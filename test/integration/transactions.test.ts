/** Transactions through a whole broker, by the raw protocol: ids, partitions, ends and their markers, and what a crash leaves of them. */
import {
  AddOffsetsToTxn,
  AddPartitionsToTxn,
  batchesOf,
  CreateTopics,
  DeleteTopics,
  DescribeTransactions,
  EndTxn,
  errorName,
  Fetch,
  FindCoordinator,
  InitProducerId,
  ListTransactions,
  Produce,
  ZERO_UUID,
} from '@varve/protocol'
import { expect, it } from 'vitest'
import { MemoryDisk } from '../../packages/broker/src/memory/disk.ts'
import { type BrokerOn, brokerOn } from '../support/broker-on.ts'
import { RawConnection } from '../support/raw-connection.ts'
import { batchOf } from '../support/record-batches.ts'

const ID = 'payments'
const V1 = { add: 3, end: 4, produce: 11 } as const

const newDisk = (): MemoryDisk => new MemoryDisk({ now: Date.now, capacityBytes: 2 ** 34 })

interface Producer {
  readonly producerId: number
  readonly producerEpoch: number
}

async function makeTopic(connection: RawConnection, name: string, numPartitions = 2) {
  const topic = { name, numPartitions, replicationFactor: 1, assignments: [], configs: [] }
  await connection.request(CreateTopics, 7, {
    ...{ topics: [topic], timeoutMs: 5000 },
    validateOnly: false,
  })
}

/** Asked again while the coordinator is loading or completing something. */
async function init(connection: RawConnection, transactionTimeoutMs = 60_000): Promise<Producer> {
  for (;;) {
    const { errorCode, producerId, producerEpoch } = await connection.request(InitProducerId, 5, {
      transactionalId: ID,
      transactionTimeoutMs,
    })
    const error = errorName(errorCode)
    if (error === 'CONCURRENT_TRANSACTIONS' || error === 'COORDINATOR_LOAD_IN_PROGRESS') continue
    expect(error).toBe('NONE')
    return { producerId, producerEpoch }
  }
}

async function add(connection: RawConnection, producer: Producer, ...partitions: number[]) {
  const answer = await connection.request(AddPartitionsToTxn, V1.add, {
    v3AndBelowTransactionalId: ID,
    v3AndBelowProducerId: producer.producerId,
    v3AndBelowProducerEpoch: producer.producerEpoch,
    v3AndBelowTopics: [{ name: 'orders', partitions }],
  })
  return answer.resultsByTopicV3AndBelow.flatMap(({ resultsByPartition }) =>
    resultsByPartition.map(({ partitionErrorCode }) => errorName(partitionErrorCode)),
  )
}

interface Place {
  readonly partition: number
  readonly sequence?: number
  readonly version?: number
}

function sendProduce(connection: RawConnection, producer: Producer, place: Place): void {
  const { partition, sequence = 0, version = V1.produce } = place
  const records = batchOf({
    ...producer,
    values: ['x'],
    baseSequence: sequence,
    isTransactional: true,
  })
  connection.send(Produce, version, {
    transactionalId: ID,
    acks: -1,
    timeoutMs: 5_000,
    topicData: [{ name: 'orders', partitionData: [{ index: partition, records }] }],
  })
}

async function produced(connection: RawConnection, version: number) {
  const answer = await connection.next(Produce, version)
  return errorName(answer.responses[0]?.partitionResponses[0]?.errorCode ?? 0)
}

async function produce(connection: RawConnection, producer: Producer, place: Place) {
  sendProduce(connection, producer, place)
  return await produced(connection, place.version ?? V1.produce)
}

async function end(connection: RawConnection, producer: Producer, committed: boolean, version = 4) {
  const { errorCode, ...next } = await connection.request(EndTxn, version, {
    ...{ transactionalId: ID, committed },
    ...producer,
  })
  return { error: errorName(errorCode), ...next }
}

async function fetchFrom(connection: RawConnection, partition: number, fetchOffset: number) {
  const answer = await connection.request(Fetch, 12, {
    ...{ replicaId: -1, maxWaitMs: 0, minBytes: 0, maxBytes: 1_000_000, isolationLevel: 1 },
    topics: [
      { topic: 'orders', partitions: [{ partition, fetchOffset, partitionMaxBytes: 1_000_000 }] },
    ],
  })
  const [found] = answer.responses[0]?.partitions ?? []
  const { lastStableOffset: lastStable, highWatermark, abortedTransactions, records } = found ?? {}
  const batches = [...batchesOf(records ?? new Uint8Array())]
  return { lastStable, highWatermark, aborted: abortedTransactions ?? [], batches }
}

/** What a reader of committed records is told of a partition, in as many answers as it takes. */
async function fetched(connection: RawConnection, partition: number) {
  const { batches, aborted, ...first } = await fetchFrom(connection, partition, 0)
  for (let last = batches.at(-1); last !== undefined; ) {
    const next = await fetchFrom(connection, partition, last.lastOffset + 1)
    batches.push(...next.batches)
    last = next.batches.at(-1)
  }
  return {
    ...first,
    aborted,
    kinds: batches.map(batch => (batch.isControl ? 'marker' : 'data')),
    epochs: batches.map(batch => batch.producerEpoch),
  }
}

async function describe(connection: RawConnection) {
  const answer = await connection.request(DescribeTransactions, 0, { transactionalIds: [ID] })
  const [described] = answer.transactionStates
  if (described === undefined) throw new Error('there is an answer for each id')
  return described
}

async function stateOf(connection: RawConnection, wanted: string): Promise<void> {
  for (;;) {
    const { transactionState, errorCode } = await describe(connection)
    if (errorName(errorCode) === 'COORDINATOR_LOAD_IN_PROGRESS') continue
    if (transactionState === wanted) return
  }
}

async function crashed(broker: BrokerOn, disk: MemoryDisk): Promise<BrokerOn> {
  await broker.broker.abort(new Error('the broker is to crash'))
  return await brokerOn(disk)
}

it('is found, and its coordinator’s topic is made by who asks first', async () => {
  await using broker = await brokerOn(newDisk())
  await using connection = await RawConnection.open(broker)
  const found = await connection.request(FindCoordinator, 4, { keyType: 1, coordinatorKeys: [ID] })
  expect(found.coordinators).toMatchObject([{ key: ID, errorCode: 0, port: broker.port }])
  const unknown = await describe(connection)
  expect(errorName(unknown.errorCode)).toBe('TRANSACTIONAL_ID_NOT_FOUND')
})

it('commits: records are stable when the markers are written', async () => {
  await using broker = await brokerOn(newDisk())
  await using connection = await RawConnection.open(broker)
  await makeTopic(connection, 'orders')
  const producer = await init(connection)
  expect(await produce(connection, producer, { partition: 0 })).not.toBe('NONE')
  expect(await add(connection, producer, 0, 1)).toEqual(['NONE', 'NONE'])
  expect(await produce(connection, producer, { partition: 0 })).toBe('NONE')
  expect(await fetched(connection, 0)).toMatchObject({ lastStable: 0, highWatermark: 1 })
  expect(await describe(connection)).toMatchObject({
    errorCode: 0,
    transactionState: 'Ongoing',
    transactionTimeoutMs: 60_000,
    ...producer,
    topics: [{ topic: 'orders', partitions: [0, 1] }],
  })
  expect(await end(connection, producer, true)).toMatchObject({ error: 'NONE' })
  await stateOf(connection, 'CompleteCommit')
  expect(await fetched(connection, 0)).toMatchObject({
    ...{ lastStable: 2, highWatermark: 2, aborted: [] },
    kinds: ['data', 'marker'],
  })
  expect((await end(connection, producer, true)).error).toBe('NONE')
  expect((await end(connection, producer, false)).error).toBe('INVALID_TXN_STATE')
})

it('aborts: readers of committed records are told what to leave out', async () => {
  await using broker = await brokerOn(newDisk())
  await using connection = await RawConnection.open(broker)
  await makeTopic(connection, 'orders')
  const producer = await init(connection)
  await add(connection, producer, 0)
  await produce(connection, producer, { partition: 0 })
  await end(connection, producer, false)
  await stateOf(connection, 'CompleteAbort')
  expect(await fetched(connection, 0)).toMatchObject({
    lastStable: 2,
    aborted: [{ producerId: producer.producerId, firstOffset: 0 }],
  })
})

it('v2: adds partitions as they are written to, and gives each transaction an epoch', async () => {
  await using broker = await brokerOn(newDisk())
  await using connection = await RawConnection.open(broker)
  await makeTopic(connection, 'orders')
  let producer = await init(connection)
  for (let round = 0; round < 3; round++) {
    for (const partition of [0, 1])
      expect(await produce(connection, producer, { partition, version: 12 })).toBe('NONE')
    const ended = await end(connection, producer, round !== 1, 5)
    expect(ended).toMatchObject({
      error: 'NONE',
      producerId: producer.producerId,
      producerEpoch: producer.producerEpoch + 1,
    })
    producer = { producerId: ended.producerId, producerEpoch: ended.producerEpoch }
  }
  await stateOf(connection, 'CompleteCommit')
  expect(await fetched(connection, 1)).toMatchObject({
    lastStable: 6,
    kinds: ['data', 'marker', 'data', 'marker', 'data', 'marker'],
    epochs: [0, 1, 1, 2, 2, 3],
    aborted: [{ firstOffset: 2 }],
  })
})

it('takes requests in flight in their order, though the first waits for the coordinator', async () => {
  await using broker = await brokerOn(newDisk())
  await using connection = await RawConnection.open(broker)
  await makeTopic(connection, 'orders')
  let producer = await init(connection)
  for (let round = 0; round < 3; round++) {
    for (let sequence = 0; sequence < 5; sequence++)
      sendProduce(connection, producer, { partition: 0, sequence, version: 12 })
    const errors: string[] = []
    for (let sequence = 0; sequence < 5; sequence++) errors.push(await produced(connection, 12))
    expect(errors).toEqual(['NONE', 'NONE', 'NONE', 'NONE', 'NONE'])
    const { producerId, producerEpoch } = await end(connection, producer, true, 5)
    producer = { producerId, producerEpoch }
  }
  await stateOf(connection, 'CompleteCommit')
  expect(await fetched(connection, 0)).toMatchObject({ lastStable: 18, aborted: [] })
})

it('T6: fences a producer whose successor has begun, and aborts what it had begun', async () => {
  await using broker = await brokerOn(newDisk())
  await using connection = await RawConnection.open(broker)
  await makeTopic(connection, 'orders')
  const zombie = await init(connection)
  await add(connection, zombie, 0)
  await produce(connection, zombie, { partition: 0 })
  const successor = await init(connection)
  expect(successor).toEqual({ ...zombie, producerEpoch: zombie.producerEpoch + 2 })
  expect(await produce(connection, zombie, { partition: 0, sequence: 1 })).toBe(
    'INVALID_PRODUCER_EPOCH',
  )
  expect(await add(connection, zombie, 0)).toEqual(['PRODUCER_FENCED'])
  expect((await end(connection, zombie, true)).error).toBe('PRODUCER_FENCED')
  expect((await end(connection, zombie, true, 1)).error).toBe('INVALID_PRODUCER_EPOCH')
  expect(await fetched(connection, 0)).toMatchObject({
    lastStable: 2,
    aborted: [{ firstOffset: 0 }],
  })
})

it('aborts a transaction that takes too long', async () => {
  await using broker = await brokerOn(newDisk())
  await using connection = await RawConnection.open(broker)
  await makeTopic(connection, 'orders')
  const producer = await init(connection, 1)
  await add(connection, producer, 0)
  await stateOf(connection, 'CompleteAbort')
  expect((await end(connection, producer, true)).error).toBe('PRODUCER_FENCED')
})

it('T5: completes after a crash what was decided, and keeps open what was open', async () => {
  const disk = newDisk()
  const first = await brokerOn(disk)
  let producer: Producer
  {
    await using connection = await RawConnection.open(first)
    await makeTopic(connection, 'orders')
    producer = await init(connection)
    await add(connection, producer, 0, 1)
    await produce(connection, producer, { partition: 0 })
    await produce(connection, producer, { partition: 1 })
    expect((await end(connection, producer, true)).error).toBe('NONE')
  }
  const second = await crashed(first, disk)
  {
    await using connection = await RawConnection.open(second)
    await stateOf(connection, 'CompleteCommit')
    for (const partition of [0, 1])
      expect(await fetched(connection, partition)).toMatchObject({
        lastStable: 2,
        kinds: ['data', 'marker'],
      })
    await add(connection, producer, 0)
    await produce(connection, producer, { partition: 0, sequence: 1 })
  }
  await using third = await crashed(second, disk)
  await using connection = await RawConnection.open(third)
  await stateOf(connection, 'Ongoing')
  expect(await fetched(connection, 0)).toMatchObject({ lastStable: 2, highWatermark: 3 })
  expect(await end(connection, producer, true)).toMatchObject({ error: 'NONE' })
  await stateOf(connection, 'CompleteCommit')
  expect(await fetched(connection, 0)).toMatchObject({ lastStable: 4 })
})

it('completes a transaction whose topic is gone', async () => {
  await using broker = await brokerOn(newDisk())
  await using connection = await RawConnection.open(broker)
  await makeTopic(connection, 'orders')
  const producer = await init(connection)
  await add(connection, producer, 0, 1)
  await connection.request(DeleteTopics, 6, {
    topics: [{ name: 'orders', topicId: ZERO_UUID }],
    timeoutMs: 5000,
  })
  expect((await end(connection, producer, true)).error).toBe('NONE')
  await stateOf(connection, 'CompleteCommit')
})

it('takes the offsets of groups into transactions, with their own markers', async () => {
  await using broker = await brokerOn(newDisk())
  await using connection = await RawConnection.open(broker)
  await makeTopic(connection, 'orders')
  const producer = await init(connection)
  const request = { transactionalId: ID, ...producer, groupId: 'readers' }
  const { errorCode } = await connection.request(AddOffsetsToTxn, 3, request)
  expect(errorName(errorCode)).toBe('NONE')
  expect((await describe(connection)).topics).toMatchObject([{ topic: '__consumer_offsets' }])
  await end(connection, producer, true)
  await stateOf(connection, 'CompleteCommit')
})

it('lists what goes on', async () => {
  await using broker = await brokerOn(newDisk())
  await using connection = await RawConnection.open(broker)
  await makeTopic(connection, 'orders')
  const producer = await init(connection)
  await add(connection, producer, 0)
  const list = async (filter: object) => {
    const answer = await connection.request(ListTransactions, 2, {
      ...{ stateFilters: [], producerIdFilters: [] },
      ...filter,
    })
    return {
      error: errorName(answer.errorCode),
      unknown: answer.unknownStateFilters,
      ids: answer.transactionStates.map(({ transactionalId }) => transactionalId),
    }
  }
  const all = { error: 'NONE', unknown: [], ids: [ID] }
  const none = { ...all, ids: [] }
  expect(await list({})).toEqual(all)
  expect(await list({ stateFilters: ['Ongoing'] })).toEqual(all)
  expect(await list({ stateFilters: ['Empty'] })).toEqual(none)
  expect(await list({ stateFilters: ['Bogus'] })).toEqual({ ...none, unknown: ['Bogus'] })
  expect(await list({ producerIdFilters: [producer.producerId] })).toEqual(all)
  expect(await list({ producerIdFilters: [99] })).toEqual(none)
  expect(await list({ durationFilter: 600_000 })).toEqual(none)
  expect(await list({ transactionalIdPattern: 'pay.*' })).toEqual(all)
  expect(await list({ transactionalIdPattern: 'pay' })).toEqual(none)
  expect((await list({ transactionalIdPattern: '(' })).error).toBe('INVALID_REGULAR_EXPRESSION')
})
