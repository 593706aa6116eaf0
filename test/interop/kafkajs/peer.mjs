// kafkajs as a peer. Its consumer knows groups only, so it produces and administers.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

const [action, bootstrap, ...rest] = process.argv.slice(2)
const require = createRequire(join(process.env.VARVE_INTEROP, 'kafkajs/package.json'))
const { Kafka, CompressionTypes, ConfigResourceTypes, logLevel } = require('kafkajs')
const kafka = new Kafka({
  brokers: [bootstrap],
  clientId: 'interop-kafkajs',
  logLevel: logLevel.ERROR,
  retry: { retries: 2 },
})

async function produce(topic, file, compression, idempotence) {
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
  const messages = lines.map(line => JSON.parse(line))
  const idempotent = idempotence === 'idempotent'
  const producer = kafka.producer({ idempotent, maxInFlightRequests: idempotent ? 1 : 5 })
  await producer.connect()
  for (let at = 0; at < messages.length; at += 500) {
    await producer.send({
      topic,
      acks: -1,
      compression: compression === 'gzip' ? CompressionTypes.GZIP : CompressionTypes.None,
      messages: messages.slice(at, at + 500),
    })
  }
  await producer.disconnect()
}

async function administer(prefix) {
  const admin = kafka.admin()
  await admin.connect()
  const topic = `${prefix}-admin`
  const results = []
  const step = async (name, run) => {
    try {
      await run()
      console.log(`ok ${name}`)
    } catch (error) {
      results.push(name)
      console.log(`not ok ${name}: ${error.message}`)
    }
  }
  const must = (condition, what) => {
    if (!condition) throw new Error(`unexpected: ${JSON.stringify(what)}`)
  }

  await step('creates a topic', async () => {
    const topics = [
      { topic, numPartitions: 2, configEntries: [{ name: 'retention.ms', value: '7200000' }] },
    ]
    must(await admin.createTopics({ topics, waitForLeaders: true }), 'false')
  })
  await step('is told that a topic exists', async () => {
    must(!(await admin.createTopics({ topics: [{ topic, numPartitions: 2 }] })), 'true')
  })
  await step('lists topics', async () => {
    const topics = await admin.listTopics()
    must(topics.includes(topic), topics)
  })
  await step('adds partitions', async () => {
    await admin.createPartitions({ topicPartitions: [{ topic, count: 4 }] })
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] })
    must(topics[0].partitions.length === 4, topics)
  })
  await step('describes the cluster', async () => {
    const cluster = await admin.describeCluster()
    must(cluster.brokers.length === 1 && cluster.controller === cluster.brokers[0].nodeId, cluster)
  })
  await step('describes and alters configs', async () => {
    const resource = { type: ConfigResourceTypes.TOPIC, name: topic }
    const entries = [{ name: 'retention.ms', value: '3600000' }]
    await admin.alterConfigs({
      validateOnly: false,
      resources: [{ ...resource, configEntries: entries }],
    })
    const { resources } = await admin.describeConfigs({
      resources: [resource],
      includeSynonyms: true,
    })
    const entry = resources[0].configEntries.find(other => other.configName === 'retention.ms')
    must(entry?.configValue === '3600000' && entry.configSynonyms.length > 0, entry)
  })
  await step('deletes records and reads offsets', async () => {
    const producer = kafka.producer()
    await producer.connect()
    const messages = Array.from({ length: 10 }, (_, index) => ({
      value: String(index),
      partition: 0,
    }))
    await producer.send({ topic, messages })
    await producer.disconnect()
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '4' }] })
    const offsets = await admin.fetchTopicOffsets(topic)
    const first = offsets.find(other => other.partition === 0)
    must(first.low === '4' && first.high === '10', offsets)
  })
  await step('finds offsets by timestamp', async () => {
    const offsets = await admin.fetchTopicOffsetsByTimestamp(topic, Date.now() - 3_600_000)
    must(offsets.find(other => other.partition === 0).offset === '4', offsets)
  })
  await step('deletes a topic', async () => {
    await admin.deleteTopics({ topics: [topic] })
    const topics = await admin.listTopics()
    must(!topics.includes(topic), topics)
  })
  await admin.disconnect()
}

if (action === 'produce') await produce(...rest)
else await administer(...rest)
