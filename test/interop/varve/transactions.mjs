// The transactional program and the transactional reader of our own client, as its users have it: the built package.
import { setTimeout as delay } from 'node:timers/promises'
import { Varve } from '@varve/client'

const [action, bootstrap, topic, rest] = process.argv.slice(2)
const silent = { debug() {}, info() {}, warn() {}, error() {} }
const varve = new Varve({ brokers: [bootstrap], log: silent })

const producers = []
function producer(name, transactionTimeoutMs = 60_000) {
  const made = varve.producer({ transactionalId: `${rest}-${name}`, transactionTimeoutMs })
  producers.push(made)
  return made
}

const send = (transaction, ...values) =>
  transaction.sendBatch(values.map((value, index) => ({ topic, partition: index % 3, value })))

const outcome = run =>
  run().then(
    () => 'ok',
    error => (error.code === 'FENCED' ? 'fenced' : error.code),
  )

async function committed(groupId) {
  const admin = varve.admin()
  const [found] = await admin.groupOffsets([{ groupId }])
  await admin.close()
  return found.offsets.find(({ partition }) => partition === 0)?.offset ?? -1
}

const sendOffsets = (transaction, groupId, offset) =>
  transaction.sendOffsets({
    groupMetadata: {
      ...{ groupId, memberId: '', groupInstanceId: null },
      generationIdOrMemberEpoch: -1,
    },
    offsets: [{ topic, partition: 0, offset }],
  })

async function program() {
  const group = `${rest}-group`
  const results = {}
  const one = producer('one')
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
  const zombie = await producer('two').transaction()
  await send(zombie, 'f0')
  const successor = await producer('two').transaction()
  results['is fenced'] = await outcome(() => zombie.commit())
  await send(successor, 'c4')
  results.succeeds = await outcome(() => successor.commit())
  const late = await producer('three', 1_500).transaction()
  await send(late, 't0')
  await delay(4_000)
  results['takes too long'] = (await outcome(() => late.commit())) === 'ok' ? 'ok' : 'refused'
  console.log(JSON.stringify(results))
  await Promise.all(producers.map(made => made.close()))
}

async function read() {
  const options = { topics: [topic], startAt: 'earliest', stopAtEnd: true, isolationLevel: rest }
  const consumer = varve.consumer(options)
  const values = []
  for await (const { value } of consumer) values.push(String(value))
  await consumer.close()
  console.log(JSON.stringify(values.sort()))
}

/** Is stopped after `ready`, and goes on when another has its place. */
async function zombie() {
  const transaction = await producer('zombie').transaction()
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
  const made = producer('zombie')
  const transaction = await made.transaction()
  await send(transaction, 's0', 's1', 's2')
  await transaction.commit()
  await made.close()
}

await { produce: program, read, zombie, succeed }[action]()
