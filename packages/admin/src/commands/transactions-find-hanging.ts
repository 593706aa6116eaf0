import type { Admin, TopicPartition } from '@varve/client'
import type { Command } from '../command.ts'
import { UsageError } from '../command-error.ts'
import { type ConnectOptions, connect, connectOptions } from '../connect.ts'
import { durationMs } from '../duration.ts'
import { type PrintOptions, print, printOptions } from '../print.ts'
import { table } from '../table.ts'
import { partitionsOf, topicScope } from '../topic-scope.ts'

interface Options extends ConnectOptions, PrintOptions {
  readonly topics: readonly string[] | undefined
  readonly openFor: string
}

/** `varve transactions find-hanging` */
export const transactionsFindHanging: Command<Options> = {
  options: yargs =>
    printOptions(connectOptions(yargs))
      .positional('topics', {
        type: 'string',
        array: true,
        describe: 'Topics, or partitions of them as in orders:0,1,2  [default: all]',
      })
      .option('open-for', {
        type: 'string',
        requiresArg: true,
        default: '15m',
        describe: 'Only where the producer has not written for longer than this',
      })
      .example('$0 transactions find-hanging', '')
      .example('$0 transactions find-hanging orders --open-for 1h', ''),

  async run(options, terminal) {
    const openForMs = durationMs(options.openFor)
    if (openForMs === undefined) {
      const given = JSON.stringify(options.openFor)
      throw new UsageError(`--open-for is ${given}; expected a duration as in 15m`)
    }
    const scopes = (options.topics ?? []).map(topicScope)
    const varve = await connect(options, terminal)
    await using admin = varve.admin()
    const partitions =
      scopes.length > 0 ? await partitionsOf(admin, scopes) : await allPartitions(admin)
    const open = await openTransactions(admin, partitions, Date.now() - openForMs)
    const unknown = await unknownToCoordinators(admin, open)
    const hanging = await stillOpen(admin, unknown)
    await print(options, terminal, {
      data: hanging,
      text: () => (hanging.length === 0 ? 'No transaction hangs.\n' : asText(hanging)),
    })
  },
}

interface OpenTransaction extends TopicPartition {
  readonly producerId: number
  readonly producerEpoch: number
  readonly coordinatorEpoch: number
  readonly lastTimestamp: number
  readonly transactionStartOffset: number
}

async function allPartitions(admin: Admin): Promise<readonly TopicPartition[]> {
  return (await admin.listTopics()).flatMap(({ name: topic, partitions }) =>
    Array.from({ length: partitions }, (_, partition) => ({ topic, partition })),
  )
}

async function openTransactions(
  admin: Admin,
  partitions: readonly TopicPartition[],
  silentSince: number,
): Promise<readonly OpenTransaction[]> {
  const described = await admin.describeProducers(partitions)
  return described.flatMap(({ topic, partition, producers, error }) => {
    if (error !== undefined) throw error
    return producers.flatMap(({ transactionStartOffset, ...producer }) => {
      const { producerId, producerEpoch, coordinatorEpoch, lastTimestamp } = producer
      if (transactionStartOffset === undefined || lastTimestamp > silentSince) return []
      const who = { producerId, producerEpoch, coordinatorEpoch, lastTimestamp }
      return [{ topic, partition, ...who, transactionStartOffset }]
    })
  })
}

/** Those whose end nobody will write: no coordinator has the producer, or its transaction is not in that partition. */
async function unknownToCoordinators(
  admin: Admin,
  open: readonly OpenTransaction[],
): Promise<readonly OpenTransaction[]> {
  if (open.length === 0) return []
  const producerIds = [...new Set(open.map(({ producerId }) => producerId))]
  const listed = await admin.listTransactions({ producerIds })
  const described = await admin.describeTransactions(
    listed.map(({ transactionalId }) => transactionalId),
  )
  for (const { error } of described) if (error !== undefined) throw error
  return open.filter(
    one =>
      !described.some(
        ({ producerId, partitions }) =>
          producerId === one.producerId &&
          partitions.some(at => at.topic === one.topic && at.partition === one.partition),
      ),
  )
}

/** What its coordinator ended while we were looking does not hang. */
async function stillOpen(
  admin: Admin,
  unknown: readonly OpenTransaction[],
): Promise<readonly OpenTransaction[]> {
  const now = await openTransactions(admin, unknown, Number.POSITIVE_INFINITY)
  return unknown.filter(one =>
    now.some(
      ({ topic, partition, transactionStartOffset }) =>
        topic === one.topic &&
        partition === one.partition &&
        transactionStartOffset === one.transactionStartOffset,
    ),
  )
}

function asText(hanging: readonly OpenTransaction[]): string {
  const rows = hanging.map(one => [
    one.topic,
    one.partition,
    one.producerId,
    one.producerEpoch,
    one.transactionStartOffset,
  ])
  const [first] = hanging
  const example = `--topic ${first?.topic} --partition ${first?.partition} --start-offset ${first?.transactionStartOffset}`
  return [
    table(['TOPIC', 'PARTITION', 'PRODUCER', 'EPOCH', 'OPEN FROM'], rows),
    `To end the first: varve transactions abort ${example}\n`,
  ].join('')
}
