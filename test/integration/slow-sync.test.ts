/** Pipelined produces of an idempotent producer while the disk takes its time: what was sent twice is answered once it is durable, and stored once. */
import {
  ApiVersions,
  errorName,
  InitProducerId,
  Produce,
  type ResponseOf,
  recordsIn,
} from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { brokerOn, DATA_FOLDER } from '../support/broker-on.ts'
import { Canary } from '../support/canary.ts'
import { DiskImage } from '../support/disk-image.ts'
import { GatedDisk } from '../support/gated-disk.ts'
import { settle } from '../support/journal-world.ts'
import { ModelDisk } from '../support/model-disk.ts'
import { RawConnection } from '../support/raw-connection.ts'
import { batchOf } from '../support/record-batches.ts'

const PRODUCE_VERSION = 9
const SEGMENT = `${DATA_FOLDER}/orders-0/00000000000000000000.log`

async function given() {
  const model = new ModelDisk(new DiskImage())
  const disk = new GatedDisk(model)
  const broker = await brokerOn(disk)
  const canary = await Canary.open(broker, [{ name: 'orders' }])
  const first = await RawConnection.open(broker)
  const { producerId, producerEpoch } = await first.request(InitProducerId, 4, {
    transactionalId: null,
    transactionTimeoutMs: -1,
    producerId: -1,
    producerEpoch: -1,
  })
  const batch = (sequence: number) =>
    batchOf({ values: [`${sequence}`], producerId, producerEpoch, baseSequence: sequence })
  const connections = [first]
  return {
    model,
    disk,
    broker,
    canary,
    first,
    async connect() {
      const connection = await RawConnection.open(broker)
      connections.push(connection)
      return connection
    },
    request: (sequence: number) => ({
      acks: -1,
      timeoutMs: 60_000,
      topicData: [{ name: 'orders', partitionData: [{ index: 0, records: batch(sequence) }] }],
    }),
    /** Sends batches on the connection without waiting, and an ApiVersions in front, whose answer says that the broker has them. */
    async send(connection: RawConnection, sequences: readonly number[]) {
      const probe = connection.encode(ApiVersions, 0, {})
      const produces = sequences.map(sequence =>
        connection.encode(Produce, PRODUCE_VERSION, this.request(sequence)),
      )
      connection.write(Buffer.concat([probe, ...produces]))
      await connection.next(ApiVersions, 0)
    },
    /** Until the log's segment holds this many batches, durable or not. */
    async written(count: number) {
      const sizeBytes = count * batch(0).length
      while (((await model.readFile(SEGMENT))?.length ?? 0) < sizeBytes) await settle()
      expect((await model.readFile(SEGMENT))?.length).toBe(sizeBytes)
    },
    async values() {
      const records = await canary.recordsFrom('orders', 0)
      return [...recordsIn(records)].map(({ offset, value }) => [offset, `${value}`])
    },
    async [Symbol.asyncDispose]() {
      disk.release()
      for (const connection of connections) connection.destroy()
      canary.destroy()
      await broker[Symbol.asyncDispose]()
    },
  }
}

const answerOf = ({ responses }: ResponseOf<typeof Produce>) => {
  const answer = responses[0]?.partitionResponses[0]
  return [errorName(answer?.errorCode ?? -1), answer?.baseOffset]
}

/** The next answers, and a note of each in `order`. */
const noted = (
  connection: RawConnection,
  count: number,
  { name, order }: { readonly name: string; readonly order: string[] },
) =>
  Array.from({ length: count }, async () => {
    const answer = answerOf(await connection.next(Produce, PRODUCE_VERSION))
    order.push(name)
    return answer
  })

describe('pipelined idempotent produces behind a slow disk', () => {
  it('are stored once and in order, and a duplicate waits for its original', async () => {
    await using server = await given()
    const { first, disk } = server
    const order: string[] = []
    disk.close()
    await server.send(first, [0, 1, 2, 3, 4])
    const originals = noted(first, 5, { name: 'original', order })
    await server.written(5)

    const second = await server.connect()
    await server.send(second, [3, 1, 4, 0, 2])
    const duplicates = noted(second, 5, { name: 'duplicate', order })
    const third = await server.connect()
    await server.send(third, [5])
    const next = noted(third, 1, { name: 'next', order })
    await server.written(6)
    const fourth = await server.connect()
    expect(answerOf(await fourth.request(Produce, PRODUCE_VERSION, server.request(7)))).toEqual([
      'OUT_OF_ORDER_SEQUENCE_NUMBER',
      -1,
    ])

    // Nothing is durable yet, so nobody was answered and nothing is to be seen.
    await fourth.request(ApiVersions, 0, {})
    expect(order).toEqual([])
    expect(await server.canary.endOf('orders')).toBe(0)
    expect(await server.values()).toEqual([])

    disk.release()
    expect(await Promise.all(originals)).toEqual([0, 1, 2, 3, 4].map(at => ['NONE', at]))
    expect(await Promise.all(duplicates)).toEqual([3, 1, 4, 0, 2].map(at => ['NONE', at]))
    expect(await Promise.all(next)).toEqual([['NONE', 5]])
    expect(await server.values()).toEqual([0, 1, 2, 3, 4, 5].map(at => [at, `${at}`]))
    await server.written(6)
  })

  it('are answered to the connection that is left when the first one was lost', async () => {
    await using server = await given()
    const order: string[] = []
    server.disk.close()
    await server.send(server.first, [0, 1, 2, 3, 4])
    await server.written(5)
    server.first.destroy()
    const second = await server.connect()
    await server.send(second, [0, 1, 2, 3, 4])
    const resent = noted(second, 5, { name: 'resent', order })
    await (await server.connect()).request(ApiVersions, 0, {})
    expect(order).toEqual([])
    server.disk.release()
    expect(await Promise.all(resent)).toEqual([0, 1, 2, 3, 4].map(at => ['NONE', at]))
    expect(await server.values()).toEqual([0, 1, 2, 3, 4].map(at => [at, `${at}`]))
    await server.written(5)
  })

  it('are not acknowledged, original or duplicate, when the sync fails in the end', async () => {
    await using server = await given()
    server.disk.close()
    await server.send(server.first, [0, 1])
    await server.written(2)
    const second = await server.connect()
    await server.send(second, [1])
    server.model.fault = call => (call === 'sync' ? 'EIO' : undefined)
    server.disk.release()
    const reason = await server.broker.failed
    expect(reason.message).toMatch(/could not sync .*EIO/)
    const answers = [server.first, server.first, second].map(connection =>
      connection.next(Produce, PRODUCE_VERSION).then(answerOf),
    )
    expect(await Promise.all(answers)).toEqual(answers.map(() => ['KAFKA_STORAGE_ERROR', -1]))
    server.model.fault = () => undefined
  })

  it('never expire into an acknowledgement: a sync that takes too long is a time-out, and the resend finds them', async () => {
    await using server = await given()
    server.disk.close()
    const impatient = { ...server.request(0), timeoutMs: 1000 }
    server.first.send(Produce, PRODUCE_VERSION, impatient)
    expect(answerOf(await server.first.next(Produce, PRODUCE_VERSION))[0]).toBe('REQUEST_TIMED_OUT')
    server.disk.release()
    expect(
      answerOf(await server.first.request(Produce, PRODUCE_VERSION, server.request(0))),
    ).toEqual(['NONE', 0])
    expect(await server.values()).toEqual([[0, '0']])
  })
})
