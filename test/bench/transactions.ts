/**
 * `npm run bench -- transactions`: transactions a second at 1, 10 and 100 records in each of 1 and 10 partitions, beside plain produces of
 * the same records to the same broker. Each transaction is a Produce and an EndTxn (transactions v2), one after the other on its producer's
 * connection; a plain produce is the same request without a producer.
 */
import { EndTxn, errorName, InitProducerId, Produce } from '@varve/protocol'
import { startBrokerProcess } from '../support/processes.ts'
import { RawConnection } from '../support/raw-connection.ts'
import { batchOf } from '../support/record-batches.ts'
import { median } from './report.ts'
import { createTopic } from './topics.ts'
import { cpuMs } from './workers.ts'

export interface TransactionsBench {
  readonly rounds: number
  /** How many seconds each measurement takes. */
  readonly scale: number
  readonly only: string | undefined
}

const PRODUCERS = 8
const MEASURED_MS = 1_000
const WARM_MS = 200
const TOPIC = 'orders'
const SIDES = ['transactions', 'plain produces'] as const
type Side = (typeof SIDES)[number]

interface Case {
  readonly records: number
  readonly partitions: number
}

interface Measured {
  readonly perSecond: number
  readonly cpuUs: number
}

/** Nothing is aimed at: the figures stand beside each other. */
export async function benchTransactions({ rounds, scale, only }: TransactionsBench): Promise<void> {
  await using broker = await startBrokerProcess({ from: 'dist' })
  await createTopic(broker.port, TOPIC, 10)
  console.log(`${PRODUCERS} producers, one request at a time each; medians of ${rounds} rounds`)
  for (const records of [1, 10, 100]) {
    for (const partitions of [1, 10]) {
      const name = `${records} records in each of ${partitions} partitions`
      if (only !== undefined && !name.includes(only)) continue
      const found: Record<Side, Measured[]> = { transactions: [], 'plain produces': [] }
      for (let round = 0; round < rounds; round += 1)
        // The sides take turns, and in turns who is first.
        for (const side of round % 2 === 0 ? SIDES : SIDES.toReversed())
          found[side].push(await measure(broker, { side, records, partitions, scale }))
      report(name, found)
    }
  }
}

function report(name: string, found: Readonly<Record<Side, readonly Measured[]>>): void {
  console.log(name)
  for (const side of SIDES) {
    const perSecond = median(found[side].map(one => one.perSecond))
    const cpuUs = median(found[side].map(one => one.cpuUs))
    console.log(
      `  ${side}: ${perSecond.toFixed(0)} a second, ${cpuUs.toFixed(0)} us of processor each`,
    )
  }
  const ratios = found.transactions.map(
    ({ perSecond }, round) => perSecond / (found['plain produces'][round]?.perSecond ?? Number.NaN),
  )
  console.log(`  ratio: ${median(ratios).toFixed(2)}`)
}

async function measure(
  { port, pid }: { readonly port: number; readonly pid: number },
  { side, scale, ...work }: Case & { readonly side: Side; readonly scale: number },
): Promise<Measured> {
  const writers = await Promise.all(
    Array.from({ length: PRODUCERS }, async (_, index) => {
      const connection = await RawConnection.open({ host: '127.0.0.1', port })
      return side === 'transactions'
        ? await TransactionalWriter.open(connection, `bench-${index}`, work)
        : new PlainWriter(connection, work)
    }),
  )
  try {
    await runFor(writers, WARM_MS * scale)
    const cpuBefore = cpuMs(pid)
    const began = performance.now()
    const count = await runFor(writers, MEASURED_MS * scale)
    const seconds = (performance.now() - began) / 1_000
    return { perSecond: count / seconds, cpuUs: ((cpuMs(pid) - cpuBefore) * 1_000) / count }
  } finally {
    for (const writer of writers) writer.close()
  }
}

/** How many they did. */
async function runFor(writers: readonly Writer[], ms: number): Promise<number> {
  const end = performance.now() + ms
  const counts = writers.map(async writer => {
    let count = 0
    for (; performance.now() < end; count += 1) await writer.once()
    return count
  })
  return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0)
}

interface Writer {
  once(): Promise<void>
  close(): void
}

const VALUE = 'x'.repeat(100)

function topicDataOf({ records, partitions }: Case, producer: object) {
  const values = Array.from({ length: records }, () => VALUE)
  const batch = batchOf({ values, timestamp: Date.now(), ...producer })
  const partitionData = Array.from({ length: partitions }, (_, index) => ({
    index,
    records: batch,
  }))
  return [{ name: TOPIC, partitionData }]
}

class PlainWriter implements Writer {
  readonly #connection: RawConnection
  readonly #topicData: ReturnType<typeof topicDataOf>

  constructor(connection: RawConnection, work: Case) {
    this.#connection = connection
    this.#topicData = topicDataOf(work, {})
  }

  async once(): Promise<void> {
    const request = { acks: -1, timeoutMs: 10_000, topicData: this.#topicData }
    isWell(await this.#connection.request(Produce, 12, request))
  }

  close(): void {
    this.#connection.destroy()
  }
}

class TransactionalWriter implements Writer {
  readonly #connection: RawConnection
  readonly #transactionalId: string
  readonly #work: Case
  #producer = { producerId: -1, producerEpoch: -1 }

  private constructor(connection: RawConnection, transactionalId: string, work: Case) {
    this.#connection = connection
    this.#transactionalId = transactionalId
    this.#work = work
  }

  static async open(connection: RawConnection, transactionalId: string, work: Case) {
    const writer = new TransactionalWriter(connection, transactionalId, work)
    for (;;) {
      const request = { transactionalId, transactionTimeoutMs: 60_000 }
      const { errorCode, ...given } = await connection.request(InitProducerId, 5, request)
      const error = errorName(errorCode)
      writer.#producer = { producerId: given.producerId, producerEpoch: given.producerEpoch }
      if (error === 'NONE') return writer
      if (error !== 'CONCURRENT_TRANSACTIONS') throw new Error(`InitProducerId: ${error}`)
    }
  }

  async once(): Promise<void> {
    const transactionalId = this.#transactionalId
    const producer = { ...this.#producer, baseSequence: 0, isTransactional: true }
    const topicData = topicDataOf(this.#work, producer)
    const produce = { transactionalId, acks: -1, timeoutMs: 10_000, topicData }
    // A disk that is slow may take longer to complete the transaction before than the broker lets its producer wait.
    while (!isWell(await this.#connection.request(Produce, 12, produce)));
    const end = { transactionalId, ...this.#producer, committed: true }
    const { errorCode, ...next } = await this.#connection.request(EndTxn, 5, end)
    if (errorCode !== 0) throw new Error(`EndTxn: ${errorName(errorCode)}`)
    this.#producer = { producerId: next.producerId, producerEpoch: next.producerEpoch }
  }

  close(): void {
    this.#connection.destroy()
  }
}

/** False: it is to be asked again. */
function isWell({ responses }: Produced): boolean {
  const errors = responses.flatMap(({ partitionResponses }) =>
    partitionResponses.map(({ errorCode }) => errorName(errorCode)),
  )
  const failed = errors.find(error => error !== 'NONE')
  if (failed !== undefined && failed !== 'CONCURRENT_TRANSACTIONS')
    throw new Error(`Produce: ${failed}`)
  return failed === undefined
}

interface Produced {
  readonly responses: readonly {
    readonly partitionResponses: readonly { readonly errorCode: number }[]
  }[]
}
