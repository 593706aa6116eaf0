import { crc32c, nodeCodecs, RecordBatch, recordsOf } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { AbortedRanges } from '../../../../../packages/broker/src/log/compaction/aborted-ranges.ts'
import {
  type BatchPlace,
  type CleanedBatch,
  type CleaningRules,
  cleanBatch,
} from '../../../../../packages/broker/src/log/compaction/clean-batch.ts'
import { KeyHash } from '../../../../../packages/broker/src/log/compaction/key-hash.ts'
import { LastBatches } from '../../../../../packages/broker/src/log/compaction/last-batches.ts'
import { OffsetMap } from '../../../../../packages/broker/src/log/compaction/offset-map.ts'
import { TransactionsSeen } from '../../../../../packages/broker/src/log/compaction/transactions-seen.ts'
import { bytesOf, type TestBatch } from '../../../../support/compaction-log.ts'

function rulesOf(
  newest: Readonly<Record<string, number>>,
  more: Partial<CleaningRules> = {},
): CleaningRules {
  const map = new OffsetMap(new KeyHash(Buffer.alloc(16)), 100, 0.9)
  for (const [key, offset] of Object.entries(newest))
    map.put(Buffer.from(key), 0, key.length, offset)
  return {
    map,
    aborted: new AbortedRanges(),
    seen: new TransactionsSeen(),
    lastBatches: new LastBatches([], 0, new Map()),
    now: 5000,
    deleteRetentionMs: 1000,
    codecs: nodeCodecs(),
    crc32c,
    decompressedBytesMax: 1_000_000,
    ...more,
  }
}

const records = (
  entries: readonly [string | null, string | null][],
  more: object = {},
): TestBatch => ({
  type: 'records',
  records: entries.map(([key, value], index) => ({ key, value, timestamp: 900 + index })),
  ...more,
})
const clean = (batch: TestBatch | Buffer, rules: CleaningRules, place: BatchPlace = 'anywhere') =>
  cleanBatch(new RecordBatch(Buffer.isBuffer(batch) ? batch : bytesOf(batch, 10)), place, rules)

function opened(cleaned: CleanedBatch): RecordBatch {
  if (typeof cleaned === 'string') throw new Error(`the batch is ${cleaned}`)
  const batch = new RecordBatch(cleaned)
  expect(batch.crcIsValid(crc32c)).toBe(true)
  return batch
}
const contentOf = (batch: RecordBatch) =>
  [...recordsOf(batch, nodeCodecs())].map(({ offset, timestamp, key, value }) => [
    offset,
    timestamp,
    key?.toString(),
    value?.toString(),
  ])

describe('records', () => {
  it.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const)(
    'stay as they were, in %s, when they are the newest of their key',
    compression => {
      const batch = records(
        [
          ['a', '1'],
          ['b', '2'],
          ['c', '3'],
          ['a', '4'],
        ],
        { compression },
      )
      const cleaned = opened(clean(batch, rulesOf({ b: 20, c: 12, a: 13 })))
      expect(contentOf(cleaned)).toEqual([
        [12, 902, 'c', '3'],
        [13, 903, 'a', '4'],
      ])
      expect([cleaned.compression, cleaned.baseOffset, cleaned.lastOffset]).toEqual([
        compression,
        10,
        13,
      ])
      expect(clean(batch, rulesOf({ a: 9, z: 30 }))).not.toBe('gone')
      expect(clean(batch, rulesOf({ a: 13 }))).not.toBe('same')
    },
  )

  it('are not opened where nothing goes', () => {
    expect(clean(records([['a', '1']]), rulesOf({ a: 9 }))).toBe('same')
    expect(clean(records([['a', '1']]), rulesOf({ a: 10 }))).toBe('same')
    expect(clean(records([['a', '1']]), rulesOf({ a: 11 }))).toBe('gone')
    expect(clean(records([[null, '1']]), rulesOf({ a: 11 }))).toBe('gone')
  })

  it('leave an empty header where the place of the batch is needed', () => {
    const batch = records(
      [
        ['a', '1'],
        ['b', '1'],
      ],
      { producerId: 7, baseSequence: 5, compression: 'lz4' },
    )
    const cleaned = opened(clean(batch, rulesOf({ a: 20, b: 21 }), 'ends the segment'))
    expect([cleaned.recordsCount, cleaned.sizeBytes, cleaned.attributes]).toEqual([0, 61, 0])
    expect([cleaned.baseOffset, cleaned.lastOffset, cleaned.baseTimestamp]).toEqual([10, 11, -1])
    expect([cleaned.producerId, cleaned.baseSequence, cleaned.lastSequence]).toEqual([7, 5, 6])
    expect(cleaned.maxTimestamp).toBe(901)
    expect(clean(Buffer.from(cleaned.bytes), rulesOf({ a: 20 }))).toBe('gone')
    expect(clean(Buffer.from(cleaned.bytes), rulesOf({ a: 20 }), 'ends the segment')).toBe('same')
  })
})

describe('a tombstone', () => {
  it('gets its horizon when it becomes clean, and goes when that has passed (C2)', () => {
    const batch = records(
      [
        ['a', '1'],
        ['b', null],
      ],
      { compression: 'gzip' },
    )
    const cleaned = opened(clean(batch, rulesOf({ a: 10, b: 11 })))
    expect([cleaned.hasDeleteHorizon, cleaned.baseTimestamp]).toEqual([true, 6000])
    expect(contentOf(cleaned)).toEqual([
      [10, 900, 'a', '1'],
      [11, 901, 'b', undefined],
    ])
    const again = Buffer.from(cleaned.bytes)
    const newest = { a: 10, b: 11 }
    expect(clean(again, rulesOf(newest, { now: 5999 }))).toBe('same')
    const later = opened(clean(again, rulesOf(newest, { now: 6000 })))
    expect(contentOf(later)).toEqual([[10, 900, 'a', '1']])
    expect([later.hasDeleteHorizon, later.baseTimestamp]).toEqual([true, 6000])
  })

  it('has no horizon as long as it lies behind the clean point', () => {
    const batch = records([
      ['a', null],
      ['b', null],
    ])
    expect(clean(batch, rulesOf({ a: 10 }))).toBe('same')
  })

  it('stays for good when its time is beyond what can be written anew', () => {
    const bytes = bytesOf(records([['a', null]]), 10)
    bytes.writeBigInt64BE(2n ** 62n, 27)
    new RecordBatch(bytes).writeCrc(crc32c)
    const cleaned = opened(clean(bytes, rulesOf({ a: 10 })))
    expect([cleaned.hasDeleteHorizon, cleaned.wholeBytes()]).toEqual([false, bytes])
  })
})

describe('a marker', () => {
  const marker: TestBatch = { type: 'COMMIT', producerId: 7, timestamp: 950 }
  const data = records([['a', '1']], { producerId: 7, isTransactional: true, baseSequence: 0 })

  it('stays while there are records of its transaction, then gets a horizon and goes (C3)', () => {
    const rules = rulesOf({ a: 30 })
    expect(clean(data, rules)).toBe('gone')
    expect(clean(marker, rules)).toBe('same')
    const alone = opened(clean(marker, rules))
    expect([alone.hasDeleteHorizon, alone.baseTimestamp, alone.recordsCount]).toEqual([
      true,
      6000,
      1,
    ])
    const bytes = Buffer.from(alone.bytes)
    expect(clean(bytes, rulesOf({ a: 30 }, { now: 5999 }))).toBe('same')
    expect(clean(bytes, rulesOf({ a: 30 }, { now: 6000 }))).toBe('gone')
    expect(clean(bytes, rulesOf({ a: 30 }, { now: 6000 }), 'ends the segment')).toBe('same')
  })

  it('is left alone behind the clean point', () => {
    expect(clean(marker, rulesOf({ a: 3 }))).toBe('same')
  })
})
