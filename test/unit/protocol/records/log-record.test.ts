import { describe, expect, it } from 'vitest'
import { BatchBuilder } from '../../../../packages/protocol/src/records/batch-builder.ts'
import { RecordBatch } from '../../../../packages/protocol/src/records/record-batch.ts'
import { recordsOf } from '../../../../packages/protocol/src/records/record-iterator.ts'

describe('LogRecord', () => {
  const headers = [
    { key: 'a', value: Buffer.from('1') },
    { key: 'a', value: null },
    { key: '', value: Buffer.alloc(0) },
    { key: '\u00fcber', value: Buffer.alloc(300, 5) },
  ]

  it('gives its headers in order, repeated names and nulls as they were', () => {
    const builder = new BatchBuilder()
    builder.append({ key: 'k', value: 'v', headers, timestamp: 1 })
    const [record] = recordsOf(new RecordBatch(builder.build({})))
    expect(record!.headers).toEqual(headers)
    expect(record!.headers).toEqual(headers)
  })

  it('has no headers without allocating any', () => {
    const builder = new BatchBuilder()
    builder.append({ timestamp: 1 })
    builder.append({ timestamp: 1 })
    const [first, second] = [...recordsOf(new RecordBatch(builder.build({})))]
    expect(first!.headers).toBe(second!.headers)
  })

  it('tells an empty value from none', () => {
    const builder = new BatchBuilder()
    builder.append({ key: '', value: null, timestamp: 1 })
    const [record] = recordsOf(new RecordBatch(builder.build({})))
    expect([record!.key, record!.value]).toEqual([Buffer.alloc(0), null])
  })
})
