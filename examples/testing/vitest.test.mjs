import { startBroker } from '@varve/broker'
import { Varve } from '@varve/client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { placeOrder } from './place-order.mjs'

let broker
let varve

beforeAll(async () => {
  broker = await startBroker({ storage: 'memory' })
  varve = new Varve({ brokers: [broker.address] })
})

afterAll(() => broker.stop())

test('an order can be read back', async () => {
  const producer = varve.producer()
  await placeOrder(producer, { customer: 'ada', total: 42 })
  await producer.close()

  const consumer = varve.consumer({ topics: ['orders'], startAt: 'earliest', stopAtEnd: true })
  const orders = []
  for await (const { value } of consumer) orders.push(JSON.parse(value.toString()))
  expect(orders).toEqual([{ customer: 'ada', total: 42 }])
})
