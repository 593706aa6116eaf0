// Our own client as a peer among the others, as its users have it: the built package.
import { readFileSync } from 'node:fs'
import { Varve } from '@varve/client'

const [action, bootstrap, ...rest] = process.argv.slice(2)
const varve = new Varve({ brokers: [bootstrap], clientId: 'interop-varve' })

async function produce(topic, file, compression, idempotence) {
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
  const producer = varve.producer({
    compression,
    idempotent: idempotence === 'idempotent',
    lingerMs: 5,
  })
  await producer.sendBatch(lines.map(line => ({ topic, ...JSON.parse(line) })))
  await producer.close()
}

async function consume(...topics) {
  const consumer = varve.consumer({ topics, startAt: 'earliest', stopAtEnd: true })
  const lines = []
  for await (const { topic, partition, offset, key, value } of consumer) {
    lines.push(JSON.stringify({ topic, partition, offset, key: String(key), value: String(value) }))
  }
  await consumer.close()
  process.stdout.write(`${lines.join('\n')}\n`)
}

async function administer(prefix) {
  const admin = varve.admin()
  const topic = `${prefix}-admin`
  const must = (condition, what) => {
    if (!condition) throw new Error(`unexpected: ${JSON.stringify(what)}`)
  }
  const well = results => {
    for (const { error } of results) if (error !== undefined) throw error
    return results
  }
  const steps = {
    'creates a topic': async () => {
      const configs = { 'retention.ms': 7_200_000 }
      well(await admin.createTopics([{ name: topic, partitions: 2, configs }]))
    },
    'is told that a topic exists': async () => {
      const [result] = await admin.createTopics([{ name: topic, partitions: 2 }])
      must(result.error !== undefined, result)
    },
    'adds partitions': async () => {
      well(await admin.createPartitions([{ topic, count: 4 }]))
      const [found] = await admin.describeTopics([topic])
      must(found.partitions.length === 4, found)
    },
    'lists topics': async () => {
      const found = await admin.listTopics()
      must(
        found.some(({ name }) => name === topic),
        found,
      )
    },
    'describes the cluster': async () => {
      const found = await admin.describeCluster()
      must(found.brokers.length === 1, found)
    },
    'describes and alters configs': async () => {
      const resource = { type: 'topic', name: topic }
      well(
        await admin.incrementalAlterConfigs([{ ...resource, set: { 'retention.ms': 3_600_000 } }]),
      )
      const [found] = well(await admin.describeConfigs([resource]))
      const entry = found.configs.find(({ name }) => name === 'retention.ms')
      must(entry?.value === '3600000' && entry.source === 'topic', entry)
    },
    'deletes records and lists offsets': async () => {
      const producer = varve.producer()
      const records = Array.from({ length: 10 }, (_, index) => ({
        topic,
        partition: 0,
        value: `${index}`,
      }))
      await producer.sendBatch(records)
      await producer.close()
      well(await admin.deleteRecords([{ topic, partition: 0, offset: 4 }]))
      const at = ['earliest', 'latest', 'max-timestamp']
      const found = well(
        await admin.listOffsets(at.map(spec => ({ topic, partition: 0, at: spec }))),
      )
      must(found[0].offset === 4 && found[1].offset === 10, found)
    },
    'describes log directories': async () => {
      const [found] = well(await admin.describeLogDirs())
      must(
        found.partitions.some(partition => partition.topic === topic),
        found,
      )
    },
    'deletes a topic': async () => {
      well(await admin.deleteTopics([topic]))
      const found = await admin.listTopics()
      must(!found.some(({ name }) => name === topic), found)
    },
  }
  for (const [name, step] of Object.entries(steps)) {
    try {
      await step()
      console.log(`ok ${name}`)
    } catch (error) {
      console.log(`not ok ${name}: ${error.message}`)
    }
  }
  await admin.close()
}

if (action === 'produce') await produce(...rest)
else if (action === 'consume') await consume(...rest)
else await administer(...rest)
