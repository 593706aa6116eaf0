import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nodeCodecs } from '../../packages/protocol/src/node/codecs.ts'
import { crc32c } from '../../packages/protocol/src/node/crc32c.ts'
import {
  BatchBuilder,
  batchesOf,
  CompressionError,
  CorruptRecordsError,
  checkBatch,
  compressionTypes,
  RecordBatch,
  type RecordInput,
  recordsIn,
  recordsOf,
  walkRecordLengths,
} from '../../packages/protocol/src/records/index.ts'
import { portableCrc32c } from '../../packages/protocol/src/wire/crc32c.ts'
import { decodeBatch } from '../support/decode-batch.ts'
import { golden } from '../support/record-vectors.ts'

const field = fc.option(fc.uint8Array({ maxLength: 300 }))
const record = fc.record({
  key: field,
  value: field,
  headers: fc.array(
    fc.record({ key: fc.string({ unit: 'binary', maxLength: 20 }), value: field }),
    { maxLength: 4 },
  ),
  timestamp: fc.oneof(fc.integer({ min: 0, max: 4_102_444_800_000 }), fc.maxSafeNat()),
})
const records = fc.array(record, { minLength: 1, maxLength: 30 })
const producer = fc.record({
  producerId: fc.maxSafeNat(),
  producerEpoch: fc.nat(32_767),
  baseSequence: fc.nat(0x7fff_ffff),
  isTransactional: fc.boolean(),
})
const codecs = [nodeCodecs(), nodeCodecs({ prefer: 'portable', snappyFraming: 'raw' })]

function build(
  inputs: readonly RecordInput[],
  options: Parameters<BatchBuilder['build']>[0],
): Buffer {
  const builder = new BatchBuilder()
  for (const input of inputs) builder.append(input)
  return builder.build(options)
}

const asBuffer = (bytes: Uint8Array | null) => (bytes === null ? null : Buffer.from(bytes))

describe('a record batch', () => {
  it('gives back what was written, whatever the codec, through the checks of the door', () => {
    const law = fc.property(
      records,
      fc.constantFrom(...compressionTypes),
      producer,
      fc.constantFrom(...codecs),
      (inputs, compression, who, codec) => {
        const bytes = build(inputs, { compression, codecs: codec, crc32c, ...who })
        expect(checkBatch(new RecordBatch(bytes), crc32c)).toBeUndefined()
        const batch = new RecordBatch(bytes)
        expect(batch.crcIsValid(portableCrc32c)).toBe(true)
        expect(batch).toMatchObject({ ...who, compression, recordsCount: inputs.length })
        expect(batch.maxTimestamp).toBe(Math.max(...inputs.map(input => input.timestamp)))
        const read = [...recordsOf(batch, codec)].map(
          ({ offset, timestamp, key, value, headers }) => {
            return { offset, timestamp, key, value, headers }
          },
        )
        expect(read).toEqual(
          inputs.map((input, offset) => ({
            offset,
            timestamp: input.timestamp,
            key: asBuffer(input.key),
            value: asBuffer(input.value),
            headers: input.headers.map(({ key, value }) => ({ key, value: asBuffer(value) })),
          })),
        )
      },
    )
    fc.assert(law, { numRuns: 150 })
  })

  it('is, seen through a view, what it is when decoded', () => {
    const place = fc.record({
      // The last of the records must still have an exact offset.
      baseOffset: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER - 100 }),
      partitionLeaderEpoch: fc.integer({ min: -1, max: 0x7fff_ffff }),
      isControl: fc.boolean(),
    })
    const stamp = fc.option(fc.maxSafeNat())
    const before = fc.nat(9)
    const law = fc.property(
      records,
      producer,
      place,
      fc.tuple(stamp, before),
      (inputs, who, where, [stampedAt, around]) => {
        const built = build(inputs, { ...who, ...where, baseOffset: 0 })
        const bytes = Buffer.concat([Buffer.alloc(around, 0xee), built, Buffer.alloc(3, 0xee)])
        const batch = new RecordBatch(bytes, around)
        batch.setBaseOffset(where.baseOffset)
        if (stampedAt !== null) batch.stampLogAppendTime(stampedAt, crc32c)
        const decoded = decodeBatch(bytes.subarray(around))
        const { records: decodedRecords, ...header } = decoded
        for (const [name, value] of Object.entries(header)) {
          expect([name, BigInt(batch[name as keyof typeof header])]).toEqual([name, BigInt(value)])
        }
        expect(batch.timestampType).toBe(stampedAt === null ? 'CreateTime' : 'LogAppendTime')
        expect(batch.crcIsValid(portableCrc32c)).toBe(true)
        const seen = [...recordsOf(batch)].map(({ offset, timestamp, key, value, headers }) => ({
          offset: BigInt(offset),
          timestamp: BigInt(timestamp),
          ...{ key, value, headers },
        }))
        expect(seen).toEqual(decodedRecords)
        expect(walkRecordLengths(batch)).toBe(true)
      },
    )
    fc.assert(law, { numRuns: 150 })
  })

  it('has the size that was counted while it was built', () => {
    const law = fc.property(records, inputs => {
      const builder = new BatchBuilder(0)
      let counted = builder.sizeBytes
      for (const input of inputs) {
        counted += builder.sizeWith(input)
        builder.append(input)
      }
      expect(builder.build({}).length).toBe(counted)
      expect(builder.sizeBytes).toBe(counted)
    })
    fc.assert(law, { numRuns: 100 })
  })
})

/** Everything a reader may do with bytes. Any error but the two named ones fails the test. */
function readEverything(bytes: Uint8Array): void {
  for (const codec of codecs) {
    try {
      for (const { key, value, headers } of recordsIn(bytes, codec, 1_000_000))
        void [key, value, headers]
      for (const batch of batchesOf(bytes)) {
        walkRecordLengths(batch)
        for (const { key, value, headers } of recordsOf(batch, codec, 1_000_000))
          void [key, value, headers]
      }
    } catch (error) {
      if (!(error instanceof CorruptRecordsError || error instanceof CompressionError)) throw error
    }
  }
  expect(['undefined', 'string']).toContain(
    typeof checkBatch(new RecordBatch(bytes), portableCrc32c),
  )
}

describe('damaged bytes', () => {
  const vectors = golden.recordBatches
    .filter(vector => vector.hex.length < 2000)
    .map(vector => Buffer.from(vector.hex, 'hex'))

  it('are refused by the named errors only, wherever a golden batch is changed', () => {
    const change = fc.record({ at: fc.nat(1000), byte: fc.nat(255) })
    const law = fc.property(
      fc.constantFrom(...vectors),
      fc.array(change, { minLength: 1, maxLength: 3 }),
      (vector, changes) => {
        const bytes = Buffer.from(vector)
        for (const { at, byte } of changes) bytes[at % bytes.length] = byte
        readEverything(bytes)
      },
    )
    fc.assert(law, { numRuns: 1500 })
  })

  it('are refused by the named errors only, wherever they are cut', () => {
    for (const vector of vectors) {
      for (let length = 0; length < vector.length; length++)
        readEverything(vector.subarray(0, length))
    }
  })

  it('are refused by the named errors only, when they are noise with a good header', () => {
    const law = fc.property(
      fc.nat(4),
      fc.integer(),
      fc.uint8Array({ maxLength: 200 }),
      (codec, count, noise) => {
        const bytes = Buffer.concat([build([{ timestamp: 1 }], {}).subarray(0, 61), noise])
        bytes.writeInt32BE(bytes.length - 12, 8)
        bytes.writeInt16BE(codec, 21)
        bytes.writeInt32BE(count, 57)
        new RecordBatch(bytes).writeCrc(portableCrc32c)
        readEverything(bytes)
      },
    )
    fc.assert(law, { numRuns: 1000 })
  })
})
