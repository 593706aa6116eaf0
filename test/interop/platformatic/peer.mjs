// @platformatic/kafka as a peer: an implementation of the protocol of its own.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'

const [action, bootstrap, ...rest] = process.argv.slice(2)
const require = createRequire(join(process.env.VARVE_INTEROP, 'platformatic/package.json'))
const name = '@platformatic/kafka'
const { Admin, Consumer, Producer, stringDeserializers, stringSerializers } = await import(
  pathToFileURL(require.resolve(name)).href
)
const base = { clientId: 'interop-platformatic', bootstrapBrokers: [bootstrap], retries: 3 }

const producerWith = options =>
  new Producer({ ...base, serializers: stringSerializers, autocreateTopics: true, ...options })
const consumerWith = options =>
  new Consumer({ ...base, deserializers: stringDeserializers, maxWaitTime: 200, ...options })

const must = (condition, what) => {
  const text = (_, value) => (typeof value === 'bigint' ? Number(value) : value)
  if (!condition) throw new Error(`unexpected: ${JSON.stringify(what, text)}`)
}

async function runSteps(steps) {
  for (const [name, step] of Object.entries(steps)) {
    try {
      await step()
      console.log(`ok ${name}`)
    } catch (error) {
      console.log(
        `not ok ${name}: ${error.message} ${error.errors?.map(each => each.message) ?? ''}`,
      )
    }
  }
}

async function produce(topic, file, compression, idempotence) {
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
  const producer = producerWith({ idempotent: idempotence === 'idempotent' })
  const records = lines.map(line => ({ topic, ...JSON.parse(line) }))
  for (let at = 0; at < records.length; at += 500)
    await producer.send({ messages: records.slice(at, at + 500), acks: -1, compression })
  await producer.close()
}

/** All that the topics hold now. */
async function readToEnd(topics, options = {}) {
  const consumer = consumerWith({ groupId: `reader-${process.pid}-${Math.random()}`, ...options })
  const ends = await consumer.listOffsets({ topics, ...options })
  const left = new Set()
  for (const [topic, offsets] of ends)
    for (const [partition, end] of offsets.entries())
      if (end > 0n) left.add(`${topic}/${partition}`)
  const read = []
  const stream = await consumer.consume({ topics, mode: 'earliest', autocommit: false, ...options })
  const timer = setTimeout(() => stream.destroy(new Error('not all was read in 110 s')), 110_000)
  for await (const record of stream) {
    const { topic, partition, offset } = record
    read.push(record)
    if (offset + 1n >= ends.get(topic)[partition]) left.delete(`${topic}/${partition}`)
    if (left.size === 0) break
  }
  clearTimeout(timer)
  await consumer.close(true)
  return read
}

async function consume(...topics) {
  const lines = (await readToEnd(topics)).map(({ topic, partition, offset, key, value }) =>
    JSON.stringify({ topic, partition, offset: Number(offset), key, value }),
  )
  await new Promise(resolve => void process.stdout.write(`${lines.join('\n')}\n`, resolve))
}

async function administer(prefix) {
  const admin = new Admin(base)
  const topic = `${prefix}-admin`
  const TOPIC = 2
  const retention = async () => {
    const [found] = await admin.describeConfigs({
      resources: [{ resourceType: TOPIC, resourceName: topic, configurationKeys: null }],
    })
    return found.configs.find(({ name }) => name === 'retention.ms')?.value
  }
  await runSteps({
    'creates a topic': async () => {
      const configs = [{ name: 'retention.ms', value: '7200000' }]
      await admin.createTopics({ topics: [topic], partitions: 2, replicas: 1, configs })
      must((await retention()) === '7200000', await retention())
    },
    'is told that a topic exists': async () => {
      const answer = await admin
        .createTopics({ topics: [topic], partitions: 2, replicas: 1 })
        .catch(error => error)
      must(answer instanceof Error, answer)
    },
    'lists topics': async () => {
      const topics = await admin.listTopics()
      must(topics.includes(topic), topics)
    },
    'adds partitions': async () => {
      await admin.createPartitions({ topics: [{ name: topic, count: 4, assignments: null }] })
      const { topics } = await admin.metadata({ topics: [topic], forceUpdate: true })
      must(topics.get(topic).partitionsCount === 4, [...topics])
    },
    'describes and alters configs': async () => {
      const configs = [{ name: 'retention.ms', configOperation: 0, value: '3600000' }]
      const resources = [{ resourceType: TOPIC, resourceName: topic, configs }]
      await admin.incrementalAlterConfigs({ resources })
      must((await retention()) === '3600000', await retention())
    },
    'deletes records and reads offsets': async () => {
      const producer = producerWith({})
      for (let n = 0; n < 10; n++)
        await producer.send({
          messages: [{ topic, partition: 0, key: 'k', value: `${n}` }],
          acks: -1,
        })
      await producer.close()
      const partitions = [{ partition: 0, offset: 4n }]
      await admin.deleteRecords({ topics: [{ name: topic, partitions }] })
      const at = async timestamp => {
        const asked = [{ partitionIndex: 0, timestamp }]
        const [found] = await admin.listOffsets({ topics: [{ name: topic, partitions: asked }] })
        return Number(found.partitions[0].offset)
      }
      const offsets = [await at(-2n), await at(-1n)]
      must(`${offsets}` === '4,10', offsets)
    },
    'describes log directories': async () => {
      const found = await admin.describeLogDirs({ topics: [{ name: topic, partitions: [0] }] })
      must(found[0].results[0].topics[0].name === topic, found)
    },
    'deletes a topic': async () => {
      await admin.deleteTopics({ topics: [topic] })
      must(!(await admin.listTopics()).includes(topic), topic)
    },
  })
  await admin.close()
}

async function send(topic, values) {
  const producer = producerWith({})
  for (const value of values)
    await producer.send({
      messages: [{ topic, partition: value % 3, key: 'k', value: `${value}` }],
      acks: -1,
    })
  await producer.close()
}

async function joinGroups(prefix) {
  for (const groupProtocol of ['classic', 'consumer']) {
    const topic = `${prefix}-${groupProtocol}-group`
    const member = async () => {
      const consumer = consumerWith({ groupId: topic, groupProtocol, heartbeatInterval: 500 })
      const read = []
      const stream = await consumer.consume({
        topics: [topic],
        mode: 'committed',
        fallbackMode: 'earliest',
        autocommit: false,
      })
      stream.on('data', record => void read.push(record))
      return { consumer, read }
    }
    const until = async (condition, what) => {
      const deadline = Date.now() + 40_000
      while (!condition()) {
        if (Date.now() > deadline) throw new Error(`not within 40 s: ${JSON.stringify(what())}`)
        await delay(50)
      }
    }
    const ownedBy = ({ consumer }) => (consumer.assignments ?? []).flatMap(each => each.partitions)
    await runSteps({
      [`shares a topic with another member (${groupProtocol})`]: async () => {
        await send(topic, [...Array(30).keys()])
        const members = [await member(), await member()]
        await until(
          () =>
            members.every(each => ownedBy(each).length > 0) &&
            `${members.flatMap(ownedBy).sort()}` === '0,1,2',
          () => members.map(ownedBy),
        )
        // Who had a partition before may have read it, and nobody committed that.
        const lastOf = ({ read }, partition) =>
          read.findLast(record => record.partition === partition)
        const hasRead = each =>
          ownedBy(each).every(partition => lastOf(each, partition)?.offset === 9n)
        await until(
          () => members.every(hasRead),
          () => members.map(({ read }) => read.length),
        )
        for (const each of members) {
          const offsets = ownedBy(each).map(partition => ({
            ...{ topic, partition, leaderEpoch: 0 },
            offset: lastOf(each, partition).offset + 1n,
          }))
          await each.consumer.commit({ offsets })
        }
        for (const { consumer } of members) await consumer.close(true)
      },
      [`goes on where its group committed (${groupProtocol})`]: async () => {
        await send(topic, [30, 31, 32])
        const { consumer, read } = await member()
        const values = () => read.map(({ value }) => Number(value)).sort()
        await until(() => values().length >= 3, values)
        await consumer.close(true)
        must(`${values()}` === '30,31,32', values())
      },
    })
  }
}

async function transact(prefix) {
  const topic = `${prefix}-transactions`
  await runSteps({
    'commits and aborts, and reads what was committed': async () => {
      const producer = producerWith({ idempotent: true, transactionalId: topic })
      for (const [value, end] of [
        ['kept', 'commit'],
        ['dropped', 'abort'],
      ]) {
        const transaction = await producer.beginTransaction()
        for (let n = 0; n < 5; n++)
          await transaction.send({ messages: [{ topic, partition: 0, key: 'k', value }], acks: -1 })
        await transaction[end]()
      }
      // A last record, so that the end of what is to be read is a record.
      const last = await producer.beginTransaction()
      await last.send({ messages: [{ topic, partition: 0, key: 'k', value: 'last' }], acks: -1 })
      await last.commit()
      await producer.close()
      const consumer = consumerWith({ groupId: `${topic}-reader`, isolationLevel: 1 })
      const stream = await consumer.consume({
        topics: [topic],
        mode: 'earliest',
        autocommit: false,
      })
      const timer = setTimeout(() => stream.destroy(new Error('not all was read')), 30_000)
      const values = []
      for await (const { value } of stream) {
        values.push(value)
        if (value === 'last') break
      }
      clearTimeout(timer)
      await consumer.close(true)
      must(`${values}` === 'kept,kept,kept,kept,kept,last', values)
    },
  })
}

const actions = { produce, consume, admin: administer, groups: joinGroups, transactions: transact }
await actions[action](...rest)
process.exit()
