// The transactional program and the transactional reader of kafkajs.
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

const [action, bootstrap, topic, rest] = process.argv.slice(2)
const require = createRequire(join(process.env.VARVE_INTEROP, 'kafkajs/package.json'))
const { Kafka, logLevel } = require('kafkajs')
const kafka = new Kafka({
  brokers: [bootstrap],
  logLevel: logLevel.NOTHING,
  retry: { initialRetryTime: 50, maxRetryTime: 1_000, retries: 20 },
})

const producers = []
async function producer(name, transactionTimeout = 60_000) {
  const made = kafka.producer({
    ...{ transactionalId: `${rest}-${name}`, idempotent: true, maxInFlightRequests: 1 },
    transactionTimeout,
  })
  await made.connect()
  producers.push(made)
  return made
}

const send = (transaction, ...values) =>
  transaction.send({
    topic,
    messages: values.map((value, index) => ({ value, partition: index % 3 })),
  })

const outcome = run =>
  run().then(
    () => 'ok',
    error =>
      /FENCED|PRODUCER_EPOCH|INVALID_TXN/.test(error.type ?? '') ? 'refused' : String(error),
  )

async function committed(groupId) {
  const admin = kafka.admin()
  await admin.connect()
  const [found] = await admin.fetchOffsets({ groupId, topics: [topic] })
  await admin.disconnect()
  return Number(found.partitions.find(({ partition }) => partition === 0)?.offset ?? -1)
}

const sendOffsets = (transaction, consumerGroupId, offset) =>
  transaction.sendOffsets({
    consumerGroupId,
    topics: [{ topic, partitions: [{ partition: 0, offset: `${offset}` }] }],
  })

async function program() {
  const group = `${rest}-group`
  const results = {}
  const one = await producer('one')
  const first = await one.transaction()
  await send(first, 'c0', 'c1', 'c2', 'c3')
  results.commits = await outcome(() => first.commit())
  const second = await one.transaction()
  await send(second, 'a0', 'a1', 'a2', 'a3')
  results.aborts = await outcome(() => second.abort())
  const third = await one.transaction()
  await send(third, 'o0')
  await sendOffsets(third, group, 3)
  await third.commit()
  results['commits offsets'] = await committed(group)
  const fourth = await one.transaction()
  await send(fourth, 'a4')
  await sendOffsets(fourth, group, 9)
  await fourth.abort()
  results['aborts offsets'] = await committed(group)
  const zombie = await (await producer('two')).transaction()
  await send(zombie, 'f0')
  const successor = await (await producer('two')).transaction()
  results['is fenced'] = await outcome(() => zombie.commit())
  await send(successor, 'c4')
  results.succeeds = await outcome(() => successor.commit())
  const late = await (await producer('three', 1_500)).transaction()
  await send(late, 't0')
  await delay(4_000)
  results['takes too long'] = await outcome(() => late.commit())
  console.log(JSON.stringify(results))
  await Promise.all(producers.map(made => made.disconnect()))
}

async function read() {
  const admin = kafka.admin()
  await admin.connect()
  const ends = await admin.fetchTopicOffsets(topic)
  await admin.disconnect()
  const readUncommitted = rest === 'read_uncommitted'
  const consumer = kafka.consumer({ groupId: `reads-${topic}-${rest}`, readUncommitted })
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  const values = []
  const open = new Set(ends.filter(({ high }) => high !== '0').map(({ partition }) => partition))
  const done = new Promise(resolve => {
    // A fetch that has nothing but aborted records is a batch too, an empty one.
    consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload }) => {
      const end = ends.find(({ partition }) => partition === payload.partition)
      if (BigInt(payload.lastOffset) + 1n >= BigInt(end.high)) open.delete(payload.partition)
      if (open.size === 0) resolve()
    })
  })
  await consumer.run({
    eachMessage: async ({ message }) => void values.push(String(message.value)),
  })
  // kafkajs does not say so when only markers are left.
  let count = -1
  const quiet = async () => {
    while (count !== values.length || count < 0) {
      count = values.length
      await delay(4_000)
    }
  }
  await Promise.race([done, quiet()])
  console.log(JSON.stringify(values.sort()))
  await consumer.disconnect()
}

/** Is stopped after `ready`, and goes on when another has its place. */
async function zombie() {
  const transaction = await (await producer('zombie')).transaction()
  await send(transaction, 'z0', 'z1', 'z2')
  console.log('ready')
  for (let number = 3; number < 13; number += 1) {
    await delay(200)
    await send(transaction, `z${number}`).catch(() => undefined)
  }
  console.log((await outcome(() => transaction.commit())) === 'ok' ? 'ok' : 'refused')
  process.exit(0)
}

async function succeed() {
  const made = await producer('zombie')
  const transaction = await made.transaction()
  await send(transaction, 's0', 's1', 's2')
  await transaction.commit()
  await made.disconnect()
}

await { produce: program, read, zombie, succeed }[action]()
