// As with `@testcontainers/kafka`, and any client; only this import differs.
import { KafkaContainer } from '@varve/broker/testcontainers'
import { Kafka, logLevel } from 'kafkajs'
import { afterAll, beforeAll, expect, test } from 'vitest'

let container
let kafka

beforeAll(async () => {
  container = await new KafkaContainer('confluentinc/cp-kafka:7.9.1').withKraft().start()
  const brokers = [`${container.getHost()}:${container.getMappedPort(9093)}`]
  kafka = new Kafka({ brokers, logLevel: logLevel.NOTHING })
})

afterAll(() => container.stop())

test('an order can be read back', async () => {
  const producer = kafka.producer()
  await producer.connect()
  await producer.send({ topic: 'orders', messages: [{ key: 'ada', value: '42' }] })
  await producer.disconnect()

  const consumer = kafka.consumer({ groupId: 'billing' })
  await consumer.connect()
  await consumer.subscribe({ topic: 'orders', fromBeginning: true })
  const order = await new Promise(resolve => {
    void consumer.run({ eachMessage: async ({ message }) => resolve(message) })
  })
  await consumer.disconnect()
  expect(`${order.key} ${order.value}`).toBe('ada 42')
})
