import { startBroker } from '@varve/broker'
import { Varve } from '@varve/client'
import { expect, it } from 'vitest'
import { partitionRanges } from '../../../packages/admin/src/partition-ranges.ts'

it('partitionRanges says what each partition holds', async () => {
  await using broker = await startBroker({ storage: 'memory' })
  const varve = new Varve({ brokers: [broker.address] })
  await using admin = varve.admin()
  await admin.createTopics([{ name: 'a', partitions: 2 }])
  await using producer = varve.producer()
  await producer.sendBatch(['1', '2', '3'].map(value => ({ topic: 'a', value, partition: 1 })))
  await admin.deleteRecords([{ topic: 'a', partition: 1, offset: 2 }])
  expect(await partitionRanges(admin, await admin.describeTopics(['a']))).toEqual([
    { topic: 'a', partition: 0, startOffset: 0, endOffset: 0 },
    { topic: 'a', partition: 1, startOffset: 2, endOffset: 3 },
  ])
  expect(await partitionRanges(admin, [])).toEqual([])
})
