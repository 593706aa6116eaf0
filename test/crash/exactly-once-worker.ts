/**
 * A worker of `npm run prove -- exactly-once`, in a process of its own so that it can be killed: `copy` takes records of one topic to another
 * with its offsets in the same transaction; `transfer` moves amounts between accounts. Prints a line for each transaction that it was told
 * is committed. Whatever goes wrong ends it: who started it starts another.
 */
import { once } from 'node:events'
import { type ExactlyOnceOptions, Varve } from '@varve/client'
import { memoryRandom } from '../../packages/broker/src/memory/random.ts'
import { ACCOUNT_PARTITIONS, ACCOUNTS, INPUT, OUTPUT } from './exactly-once-topics.ts'

const [role = '', port = '', slot = '', seed = '', protocol = ''] = process.argv.slice(2)
const ACCOUNT_COUNT = 8
const ABORTED_ONE_IN = 6

const silent = { debug() {}, info() {}, warn() {}, error() {} }
const varve = new Varve({
  brokers: [`127.0.0.1:${port}`],
  ...{ reconnectBackoffMaxMs: 100, retryBackoffMaxMs: 100, log: silent },
})
const random = memoryRandom(Number(seed))

async function say(line: string): Promise<void> {
  if (!process.stdout.write(`${line}\n`)) await once(process.stdout, 'drain')
}

const reading: ExactlyOnceOptions['consumer'] = {
  groupId: 'copiers',
  topics: [INPUT],
  autoOffsetReset: 'earliest',
  groupProtocol: protocol === 'consumer' ? 'consumer' : 'classic',
  ...(protocol === 'consumer' ? {} : { sessionTimeoutMs: 6_000, heartbeatIntervalMs: 200 }),
  isolationLevel: 'read_committed',
  maxPartitionBytes: 2_048,
  maxWaitMs: 50,
}
const transactionalId = `copier-${slot}`

/** As most programs do it. */
async function copy(): Promise<void> {
  await varve.exactlyOnce({
    ...{ consumer: reading, producer: { transactionalId } },
    eachBatch: async ({ partition, records }, transaction) => {
      for (const { value } of records)
        void transaction.send({ topic: OUTPUT, partition, value: String(value) })
      await say(`copies ${partition} ${records.at(-1)?.offset}`)
    },
  })
}

async function copyByHand(): Promise<void> {
  await using producer = varve.producer({ transactionalId })
  // Offsets that a predecessor had sent hold up whoever reads its partitions.
  await producer.initTransactions()
  await using consumer = varve.consumer({ ...reading, commit: 'manual' })
  for await (const { topic, partition, records } of consumer.batches()) {
    // Who this member is now, and not when the offsets leave: what was read may be somebody else's by then (KIP-447).
    const groupMetadata = consumer.groupMetadata()
    for (let at = 0; at < records.length; at += 10) {
      const some = records.slice(at, at + 10)
      const offset = (some.at(-1)?.offset ?? 0) + 1
      await using transaction = await producer.transaction()
      for (const { value } of some)
        void transaction.send({ topic: OUTPUT, partition, value: String(value) })
      const offsets = [{ topic, partition, offset }]
      await transaction.sendOffsets({ groupMetadata, offsets })
      await transaction.commit()
      await say(`copied ${partition} ${offset}`)
    }
  }
}

async function transfer(): Promise<void> {
  await using producer = varve.producer({ transactionalId: `transfers-${slot}` })
  for (let number = 0; ; number += 1) {
    const id = `${slot}.${seed}.${number}`
    const from = random.below(ACCOUNT_COUNT)
    const to = (from + 1 + random.below(ACCOUNT_COUNT - 1)) % ACCOUNT_COUNT
    const amount = 1 + random.below(100)
    const entry = (account: number, change: number) => ({
      ...{ topic: ACCOUNTS, partition: account % ACCOUNT_PARTITIONS, key: `account-${account}` },
      value: `${id} ${change}`,
    })
    await using transaction = await producer.transaction()
    const first = transaction.send(entry(from, -amount))
    // Sometimes the two leave one after the other, so that a crash may come between them.
    if (random.below(2) === 0) await first
    void transaction.send(entry(to, amount))
    if (random.below(ABORTED_ONE_IN) === 0) {
      await transaction.abort()
      await say(`aborted ${id}`)
    } else {
      await transaction.commit()
      await say(`committed ${id}`)
    }
  }
}

try {
  if (role === 'transfer') await transfer()
  else await (slot === '0' ? copyByHand() : copy())
} catch (error) {
  await say(`failed ${(error as Error).name}: ${(error as Error).message}`)
  process.exit(3)
}
