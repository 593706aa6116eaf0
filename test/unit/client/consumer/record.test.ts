import { batchesOf, recordsOf } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { ConsumerRecord } from '../../../../packages/client/src/consumer/record.ts'
import { batchOf } from '../../../support/record-batches.ts'

describe('ConsumerRecord', () => {
  it('is a record of the log with its place', () => {
    const [batch] = batchesOf(
      batchOf({ values: ['v'], key: Buffer.from('k'), timestamp: 5, baseOffset: 9 }),
    )
    const [record] = batch === undefined ? [] : recordsOf(batch)
    if (record === undefined) throw new Error('there is no record')
    const consumed = new ConsumerRecord({ topic: 't', partition: 3 }, record)
    expect(consumed).toMatchObject({
      topic: 't',
      partition: 3,
      offset: 9,
      timestamp: 5,
      headers: [],
    })
    expect([String(consumed.key), String(consumed.value)]).toEqual(['k', 'v'])
  })
})
