/** The program under test: it writes an order, keyed by its customer. */
export async function placeOrder(producer, { customer, total }) {
  const value = JSON.stringify({ customer, total })
  const { offset } = await producer.send({ topic: 'orders', key: customer, value })
  return offset
}
