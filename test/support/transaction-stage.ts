import { startBroker } from '@varve/broker'
import { type Admin, type Producer, type Transaction, Varve } from '@varve/client'

/** A broker in this process with the topic `orders` of two partitions, and producers that leave transactions open. */
export interface TransactionStage extends AsyncDisposable {
  /** The options that name the broker. */
  readonly at: readonly string[]
  readonly varve: Varve
  readonly admin: Admin
  /** Commits a record in each partition. */
  readonly commit: (transactionalId: string) => Promise<void>
  /** Writes a record in each partition, and leaves the transaction open until the stage is taken down. */
  readonly leaveOpen: (transactionalId: string) => Promise<Transaction>
}

export async function transactionStage(
  settings: { readonly [name: string]: string } = {},
): Promise<TransactionStage> {
  const quiet = () => undefined
  const log = { error: quiet, warn: quiet, info: quiet, debug: quiet }
  const broker = await startBroker({ storage: 'memory', settings })
  const varve = new Varve({ brokers: [broker.address], log })
  const admin = varve.admin()
  await admin.createTopics([{ name: 'orders', partitions: 2 }])
  const producers: Producer[] = []
  const write = async (transactionalId: string) => {
    const producer = varve.producer({ transactionalId })
    producers.push(producer)
    const transaction = await producer.transaction()
    await transaction.sendBatch(
      [0, 1].map(partition => ({ topic: 'orders', partition, value: 'v' })),
    )
    return transaction
  }
  return {
    at: ['-b', broker.address],
    varve,
    admin,
    commit: async transactionalId => (await write(transactionalId)).commit(),
    leaveOpen: write,
    async [Symbol.asyncDispose]() {
      for (const producer of producers) await producer.close()
      await admin.close()
      await broker.stop()
    },
  }
}
