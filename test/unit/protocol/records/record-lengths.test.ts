import { describe, expect, it } from 'vitest'
import { BatchBuilder } from '../../../../packages/protocol/src/records/batch-builder.ts'
import { RecordBatch } from '../../../../packages/protocol/src/records/record-batch.ts'
import { walkRecordLengths } from '../../../../packages/protocol/src/records/record-lengths.ts'
import { modernVectors } from '../../../support/record-vectors.ts'

describe('walkRecordLengths', () => {
  it('is content with what Kafka and other clients write', () => {
    const plain = modernVectors.filter(
      vector => vector.batches.length === 1 && vector.batches[0]!.compression === 'none',
    )
    for (const { name, hex } of plain) {
      expect([name, walkRecordLengths(new RecordBatch(Buffer.from(hex, 'hex')))]).toEqual([
        name,
        true,
      ])
    }
  })

  it('reads lengths of every size', () => {
    const builder = new BatchBuilder()
    for (const size of [0, 1, 50, 60, 8185, 8200, 1_048_570, 1_048_580]) {
      builder.append({ value: Buffer.alloc(size), timestamp: 0 })
    }
    const batch = new RecordBatch(builder.build({}))
    expect(walkRecordLengths(batch)).toBe(true)
  })
})
