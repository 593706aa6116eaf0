/** Batches that a producer of ill will could send, one per row of the table of hostile inputs (reliability.md 4.9), and the answer to each. */
import { gzipSync } from 'node:zlib'
import {
  type BatchHeader,
  batchAttributes,
  type Codec,
  crc32c,
  type ErrorName,
  nodeCodecs,
  RecordBatch,
} from '@varve/protocol'
import { batchOf } from './record-batches.ts'

const BATCH_LENGTH = 8
const MAGIC = 16
const CRC = 17
const ATTRIBUTES = 22
const LAST_OFFSET_DELTA = 23
const RECORDS_COUNT = 57
const HEADER_BYTES = 61
const PREFIX_BYTES = 12
const codecs = nodeCodecs()

export const valid = () => batchOf({ values: ['one', 'two', 'three'] })

/** A valid batch after `change`, with the checksum that belongs to it. */
export const altered = (change: (batch: Buffer) => void, batch = valid()): Buffer => {
  change(batch)
  new RecordBatch(batch).writeCrc(crc32c)
  return batch
}

/** A batch with these record bytes, whatever they are, under a header that fits them. */
export const around = (records: Uint8Array, header: Partial<BatchHeader> = {}): Buffer => {
  const bytes = Buffer.concat([Buffer.alloc(HEADER_BYTES), records])
  new RecordBatch(bytes).writeHeader(
    {
      baseOffset: 0,
      sizeBytes: bytes.length,
      partitionLeaderEpoch: -1,
      attributes: 0,
      lastOffsetDelta: 0,
      baseTimestamp: 1000,
      maxTimestamp: 1000,
      producerId: -1,
      producerEpoch: -1,
      baseSequence: -1,
      recordsCount: 1,
      ...header,
    },
    crc32c,
  )
  return bytes
}

/** Attributes, two deltas, a null key and a null value; what follows is the caller's. */
const recordWith = (...tail: number[]): Buffer => {
  const body = Buffer.from([0, 0, 0, 1, 1, ...tail])
  return Buffer.concat([Buffer.from([body.length * 2]), body])
}
/** 2^31-1 as a zigzag varint. */
const HUGE_VARINT = [0xfe, 0xff, 0xff, 0xff, 0x0f]

export const compressed = (codec: Codec, values: readonly string[]): Buffer =>
  batchOf({ values, compression: codec, codecs, key: Buffer.from('key') })

const legacyBatch = (magic: number): Buffer => {
  const message = Buffer.alloc(40)
  message.writeInt32BE(28, BATCH_LENGTH)
  message[MAGIC] = magic
  return message
}

export interface RefusedBatch {
  readonly row: string
  readonly batch: () => Uint8Array
  readonly error: ErrorName
  readonly topic?: string
  readonly version?: number
  readonly settings?: { [name: string]: string | number }
}

const strict = { 'produce.batch.validation': 'strict' }

export const refusedBatches: readonly RefusedBatch[] = [
  {
    row: '26: a wrong checksum',
    batch: () => {
      const batch = valid()
      batch[CRC] = (batch[CRC] ?? 0) ^ 1
      return batch
    },
    error: 'CORRUPT_MESSAGE',
  },
  {
    row: '26: a changed value',
    batch: () => {
      const batch = valid()
      batch[batch.length - 3] = 0x7e
      return batch
    },
    error: 'CORRUPT_MESSAGE',
  },
  {
    row: '27: a length beyond the bytes',
    batch: () => valid().subarray(0, -1),
    error: 'CORRUPT_MESSAGE',
  },
  {
    row: '27: a length of 2^31-1',
    batch: () => setLength(0x7fffffff),
    error: 'CORRUPT_MESSAGE',
  },
  { row: '27: a negative length', batch: () => setLength(-1), error: 'CORRUPT_MESSAGE' },
  {
    row: '27: a length below the minimum',
    batch: () => setLength(HEADER_BYTES - PREFIX_BYTES - 1),
    error: 'CORRUPT_MESSAGE',
  },
  {
    row: '27: a batch of its length field alone',
    batch: () => valid().subarray(0, PREFIX_BYTES),
    error: 'CORRUPT_MESSAGE',
  },
  { row: '28: magic 0', batch: () => legacyBatch(0), error: 'INVALID_RECORD' },
  { row: '28: magic 1', batch: () => legacyBatch(1), error: 'INVALID_RECORD' },
  {
    row: '28: magic 3',
    batch: () => altered(batch => void (batch[MAGIC] = 3)),
    error: 'CORRUPT_MESSAGE',
  },
  { row: '29: no batch', batch: () => new Uint8Array(), error: 'INVALID_RECORD' },
  {
    row: '29: two batches',
    batch: () => Buffer.concat([valid(), valid()]),
    error: 'INVALID_RECORD',
  },
  {
    row: '30: a count above the last offset delta',
    batch: () => altered(batch => void batch.writeInt32BE(4, RECORDS_COUNT)),
    error: 'INVALID_RECORD',
  },
  {
    row: '30: a count of 2^31-1',
    batch: () =>
      altered(batch => {
        batch.writeInt32BE(0x7fffffff, RECORDS_COUNT)
        batch.writeInt32BE(0x7ffffffe, LAST_OFFSET_DELTA)
      }),
    error: 'INVALID_RECORD',
  },
  {
    row: '30: no records',
    batch: () => around(Buffer.alloc(0), { recordsCount: 0, lastOffsetDelta: -1 }),
    error: 'INVALID_RECORD',
  },
  {
    row: '30: a negative count',
    batch: () => altered(batch => void batch.writeInt32BE(-3, RECORDS_COUNT)),
    error: 'INVALID_RECORD',
  },
  {
    row: '30: more records than the header says, uncompressed',
    batch: () =>
      altered(batch => {
        batch.writeInt32BE(2, RECORDS_COUNT)
        batch.writeInt32BE(1, LAST_OFFSET_DELTA)
      }),
    error: 'INVALID_RECORD',
  },
  {
    row: '30: fewer records than the header says, uncompressed',
    batch: () =>
      altered(batch => {
        batch.writeInt32BE(4, RECORDS_COUNT)
        batch.writeInt32BE(3, LAST_OFFSET_DELTA)
      }),
    error: 'INVALID_RECORD',
  },
  {
    row: '30: fewer records than the header says, compressed, on a compacted topic',
    batch: () => fewerThanSaid('gzip'),
    topic: 'users',
    error: 'INVALID_RECORD',
  },
  {
    row: '30: fewer records than the header says, compressed, under strict validation',
    batch: () => fewerThanSaid('lz4'),
    settings: strict,
    error: 'INVALID_RECORD',
  },
  {
    row: '30: 2^31-1 compressed records, under strict validation',
    batch: () =>
      altered(
        batch => {
          batch.writeInt32BE(0x7fffffff, RECORDS_COUNT)
          batch.writeInt32BE(0x7ffffffe, LAST_OFFSET_DELTA)
        },
        compressed('zstd', ['one', 'two']),
      ),
    settings: strict,
    error: 'INVALID_RECORD',
  },
  {
    row: '31: a last offset delta above the count',
    batch: () => altered(batch => void batch.writeInt32BE(3, LAST_OFFSET_DELTA)),
    error: 'INVALID_RECORD',
  },
  {
    row: '31: a negative last offset delta',
    batch: () => altered(batch => void batch.writeInt32BE(-1, LAST_OFFSET_DELTA)),
    error: 'INVALID_RECORD',
  },
  {
    row: '32: a control batch',
    batch: () => altered(batch => void (batch[ATTRIBUTES] = batchAttributes.control)),
    error: 'INVALID_RECORD',
  },
  {
    row: '33: a transactional batch without a transactional id',
    batch: () =>
      batchOf({
        values: ['a'],
        producerId: 7,
        producerEpoch: 0,
        baseSequence: 0,
        isTransactional: true,
      }),
    error: 'INVALID_RECORD',
  },
  {
    row: '33: a transactional batch without a producer',
    batch: () => batchOf({ values: ['a'], isTransactional: true }),
    error: 'INVALID_RECORD',
  },
  {
    row: '33: a producer without a sequence',
    batch: () => batchOf({ values: ['a'], producerId: 7, producerEpoch: 0, baseSequence: -1 }),
    error: 'INVALID_RECORD',
  },
  ...[5, 6, 7].map(
    (codec): RefusedBatch => ({
      row: `34: codec ${codec}`,
      batch: () => altered(batch => void (batch[ATTRIBUTES] = codec)),
      error: 'UNSUPPORTED_COMPRESSION_TYPE',
    }),
  ),
  {
    row: '34: zstd in a Produce of version 6',
    batch: () => compressed('zstd', ['one']),
    version: 6,
    error: 'UNSUPPORTED_COMPRESSION_TYPE',
  },
  ...(['gzip', 'snappy', 'lz4', 'zstd'] as const).map(
    (codec): RefusedBatch => ({
      row: `36: a ${codec} body that is none, under strict validation`,
      batch: () => around(Buffer.alloc(200, 0x5a), { attributes: codecNumber(codec) }),
      settings: strict,
      error: 'CORRUPT_MESSAGE',
    }),
  ),
  {
    row: '36: a gzip body that is cut off, on a compacted topic',
    batch: () => around(gzipSync(Buffer.alloc(5000, 1)).subarray(0, -6), { attributes: 1 }),
    topic: 'users',
    error: 'CORRUPT_MESSAGE',
  },
  {
    row: '37: a batch above max.message.bytes',
    batch: () => batchOf({ values: ['x'.repeat(1_100_000)] }),
    error: 'MESSAGE_TOO_LARGE',
  },
  {
    row: '37: a batch above segment.bytes',
    batch: () => batchOf({ values: ['x'.repeat(1_100_000)] }),
    topic: 'small-segments',
    error: 'RECORD_LIST_TOO_LARGE',
  },
  {
    row: '38: 2^31-1 headers, under strict validation',
    batch: () => around(recordWith(...HUGE_VARINT)),
    settings: strict,
    error: 'INVALID_RECORD',
  },
  {
    row: '38: a negative header key length, on a compacted topic',
    batch: () => around(recordWith(2, 1, 1)),
    topic: 'users',
    error: 'INVALID_RECORD',
  },
  {
    row: '39: a record without a key on a compacted topic',
    batch: valid,
    topic: 'users',
    error: 'INVALID_RECORD',
  },
  {
    row: '40: a timestamp of the year 9999',
    batch: () => batchOf({ values: ['a'], timestamp: Date.UTC(9999, 0) }),
    error: 'INVALID_TIMESTAMP',
  },
  {
    row: '40: a negative timestamp',
    batch: () => batchOf({ values: ['a'], timestamp: -5 }),
    error: 'INVALID_TIMESTAMP',
  },
  {
    row: '40: the timestamp type that only the log sets',
    batch: () => altered(batch => void (batch[ATTRIBUTES] = batchAttributes.logAppendTime)),
    error: 'INVALID_TIMESTAMP',
  },
]

function setLength(length: number): Buffer {
  const batch = valid()
  batch.writeInt32BE(length, BATCH_LENGTH)
  return batch
}

export function codecNumber(codec: Codec): number {
  return { gzip: 1, snappy: 2, lz4: 3, zstd: 4 }[codec]
}

function fewerThanSaid(codec: Codec): Buffer {
  return altered(
    batch => {
      batch.writeInt32BE(3, RECORDS_COUNT)
      batch.writeInt32BE(2, LAST_OFFSET_DELTA)
    },
    compressed(codec, ['one', 'two']),
  )
}
