import { Buffer } from 'node:buffer'
import { expect, it } from 'vitest'
import { nodeCodecs } from '../../../../packages/protocol/src/node/codecs.ts'
import { BatchBuilder } from '../../../../packages/protocol/src/records/batch-builder.ts'
import { RecordBatch } from '../../../../packages/protocol/src/records/record-batch.ts'
import { recordsOf } from '../../../../packages/protocol/src/records/record-iterator.ts'
import { RecordWalk } from '../../../../packages/protocol/src/records/record-walk.ts'

function batchOf(compression: 'none' | 'zstd'): RecordBatch {
  const builder = new BatchBuilder()
  builder.append({ key: 'a', value: 'one', timestamp: 1000, headers: [{ key: 'h', value: 'x' }] })
  builder.append({ key: null, value: 'y'.repeat(200), timestamp: 900 })
  builder.append({ key: 'c', value: null, timestamp: 5_000_000_000 })
  return new RecordBatch(builder.build({ compression, codecs: nodeCodecs(), baseOffset: 7 }))
}

it.each(['none', 'zstd'] as const)('says where the records of a batch lie, in %s', compression => {
  const batch = batchOf(compression)
  const walk = new RecordWalk(batch, nodeCodecs(), 10_000)
  const found: unknown[] = []
  while (walk.next())
    found.push([
      walk.offset,
      walk.timestamp,
      walk.keyLength,
      walk.valueLength,
      walk.end - walk.start,
    ])
  expect(found).toEqual([
    [7, 1000, 1, 3, 15],
    [8, 900, -1, 200, 210],
    [9, 5_000_000_000, 1, -1, 12],
  ])
  walk.rewind()
  expect(walk.next() && `${walk.bytes.subarray(walk.keyStart, walk.keyStart + 1)}`).toBe('a')
})

it('writes a record with another difference to the time of the batch', () => {
  const batch = batchOf('none')
  const walk = new RecordWalk(batch, nodeCodecs(), 10_000)
  const body: Buffer[] = []
  while (walk.next()) {
    const bytes = Buffer.alloc(walk.sizeWithDelta(walk.timestamp - 2000))
    expect(walk.writeWithDelta(bytes, 0, walk.timestamp - 2000)).toBe(bytes.length)
    body.push(bytes)
  }
  const moved = Buffer.concat([batch.bytes.subarray(0, 61), ...body])
  moved.writeInt32BE(moved.length - 12, 8)
  moved.writeBigInt64BE(2000n, 27)
  const before = [...recordsOf(batch)]
  const after = [...recordsOf(new RecordBatch(moved))]
  expect(
    after.map(({ offset, timestamp, key, value, headers }) => [
      offset,
      timestamp,
      key,
      value,
      headers,
    ]),
  ).toEqual(
    before.map(({ offset, timestamp, key, value, headers }) => [
      offset,
      timestamp,
      key,
      value,
      headers,
    ]),
  )
})

it('refuses records that do not fill the batch', () => {
  const bytes = Buffer.from(batchOf('none').bytes)
  bytes.writeInt32BE(2, 57)
  const walk = new RecordWalk(new RecordBatch(bytes), nodeCodecs(), 10_000)
  expect(() => {
    while (walk.next());
  }).toThrow('more than its count')
})
