import { describe, expect, it } from 'vitest'
import {
  PRODUCER_ID_BLOCK,
  ProducerIdBlocks,
} from '../../../../packages/broker/src/metadata/producer-ids.ts'
import { adminBroker } from '../../../support/admin-broker.ts'

describe('producer ids', () => {
  it('are never given twice, also by another broker or after a restart', async () => {
    const { store } = await adminBroker()
    const one = new ProducerIdBlocks(store, 1)
    const another = new ProducerIdBlocks(store, 1)
    const ids = []
    for (let index = 0; index < PRODUCER_ID_BLOCK + 5; index++)
      ids.push(await one.next(), await another.next())
    expect(new Set(ids).size).toBe(ids.length)
    expect(store.image.nextProducerId).toBe(4 * PRODUCER_ID_BLOCK)
  })

  it('come from one block when many ask at once, and from the next when it is used up meanwhile', async () => {
    const { store } = await adminBroker()
    const blocks = new ProducerIdBlocks(store, 1)
    const ids = await Promise.all(
      Array.from({ length: PRODUCER_ID_BLOCK + 1 }, async () => blocks.next()),
    )
    expect(ids.sort((a, b) => a - b)).toEqual([...Array(PRODUCER_ID_BLOCK + 1).keys()])
  })
})
