import { crc32c, RecordBatch } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { markerBatch } from '../../../../packages/broker/src/log/transaction-marker.ts'
import { trustedBatch } from '../../../../packages/broker/src/log/trusted-batch.ts'
import { DiskImage } from '../../../support/disk-image.ts'
import { quietWorld } from '../../../support/journal-world.ts'
import { batchOf } from '../../../support/log-harness.ts'
import { ModelDisk } from '../../../support/model-disk.ts'

const identity = { topic: 'topic', topicId: '', partition: 0, directory: '/data/topic-0' }
const marker = { producerId: 3, producerEpoch: 0, coordinatorEpoch: 1, transactionVersion: 0 }

/** With its last byte changed when that is asked for. */
function batchFrom(bytes: Buffer, state: 'whole' | 'damaged'): RecordBatch {
  const last = bytes.length - 1
  if (state === 'damaged') bytes[last] = (bytes[last] as number) ^ 1
  return new RecordBatch(bytes)
}

function given() {
  const world = quietWorld(new ModelDisk(new DiskImage()))
  return { world, trust: (batch: RecordBatch) => trustedBatch(batch, identity, { world, crc32c }) }
}

describe('a batch below the recovery point', () => {
  it('is taken as it is when it is a whole marker', () => {
    const { trust } = given()
    const batch = batchFrom(markerBatch({ ...marker, result: 'abort' }, 1_000, crc32c), 'whole')
    expect(trust(batch)).toBe(batch)
  })

  it('is not looked at when it holds records', () => {
    const { trust } = given()
    const batch = batchFrom(batchOf({ values: ['value'] }), 'damaged')
    expect(trust(batch)).toBe(batch)
  })

  it('takes its log out of service when it is a damaged marker', () => {
    const { world, trust } = given()
    const batch = batchFrom(markerBatch({ ...marker, result: 'abort' }, 1_000, crc32c), 'damaged')
    expect(() => trust(batch)).toThrow('EBADMSG')
    expect(world.errors).toEqual([
      'A control batch is damaged: what it says of its transaction is lost.',
    ])
  })
})
