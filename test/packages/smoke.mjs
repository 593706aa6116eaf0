// Runs in a project that has nothing but the packages: each is entered, and records go through all of them.
import { startBroker } from '@varve/broker'
import { Varve } from '@varve/client'
import { ApiVersions } from '@varve/protocol'

const broker = await startBroker({ storage: 'memory' })
const varve = new Varve({ brokers: [broker.address] })
for (const compression of ['none', 'gzip', 'snappy', 'lz4', 'zstd']) {
  const topic = `orders-${compression}`
  const producer = varve.producer({ compression })
  await producer.sendBatch([
    { topic, value: 'a'.repeat(500) },
    { topic, value: 'b' },
  ])
  await producer.close()
  const consumer = varve.consumer({ topics: [topic], startAt: 'earliest', stopAtEnd: true })
  const read = []
  for await (const { value } of consumer) read.push(value.toString())
  if (read.join() !== `${'a'.repeat(500)},b`) throw new Error(`${compression}: read ${read}`)
}
await broker.stop()
console.log(`${ApiVersions.name} and all codecs under Node ${process.version}`)
