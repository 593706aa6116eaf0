import { crc32c, nodeCodecs, RecordBatch, RecordWalk, recordsOf } from '@varve/protocol'
import { expect, it } from 'vitest'
import { rewrittenBatch } from '../../../../../packages/broker/src/log/compaction/rewrite-batch.ts'
import { bytesOf } from '../../../../support/compaction-log.ts'

it('keeps the time of the log, and moves every record to the horizon', () => {
  const records = [1, 2, 3].map(index => ({ key: `${index}`, value: 'v', timestamp: index }))
  const bytes = bytesOf({ type: 'records', records }, 5)
  const batch = new RecordBatch(bytes)
  batch.stampLogAppendTime(77, crc32c)
  const walk = new RecordWalk(batch, nodeCodecs(), 1000)
  const kept = { isKept: Uint8Array.of(1, 0, 1), count: 2 }
  const options = { codecs: nodeCodecs(), crc32c, deleteHorizonMs: 500_000 }
  const rewritten = new RecordBatch(rewrittenBatch(batch, walk, kept, options))
  expect(rewritten.crcIsValid(crc32c)).toBe(true)
  expect([rewritten.maxTimestamp, rewritten.baseTimestamp]).toEqual([77, 500_000])
  expect([...recordsOf(rewritten)].map(({ offset, timestamp }) => [offset, timestamp])).toEqual([
    [5, 77],
    [7, 77],
  ])
})

it('says the largest time of the records that stay', () => {
  const records = [900, 700, 800].map(timestamp => ({ key: 'k', value: 'v', timestamp }))
  const batch = new RecordBatch(bytesOf({ type: 'records', records }, 0))
  const walk = new RecordWalk(batch, nodeCodecs(), 1000)
  const kept = { isKept: Uint8Array.of(0, 1, 1), count: 2 }
  const options = { codecs: nodeCodecs(), crc32c, deleteHorizonMs: undefined }
  const rewritten = new RecordBatch(rewrittenBatch(batch, walk, kept, options))
  expect([rewritten.baseTimestamp, rewritten.maxTimestamp]).toEqual([900, 800])
  expect([...recordsOf(rewritten)].map(({ timestamp }) => timestamp)).toEqual([700, 800])
})
