import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startBroker } from '@varve/broker'
import { Varve } from '@varve/client'
import { placeOrder } from './place-order.mjs'

let broker
let varve

before(async () => {
  broker = await startBroker({ storage: 'memory' })
  varve = new Varve({ brokers: [broker.address] })
})

after(() => broker.stop())

test('an order can be read back', async () => {
  const producer = varve.producer()
  await placeOrder(producer, { customer: 'ada', total: 42 })
  await producer.close()

  const consumer = varve.consumer({ topics: ['orders'], startAt: 'earliest', stopAtEnd: true })
  const orders = []
  for await (const { value } of consumer) orders.push(JSON.parse(value.toString()))
  assert.deepEqual(orders, [{ customer: 'ada', total: 42 }])
})
