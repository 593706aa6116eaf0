import { describe, expect, it } from 'vitest'
import {
  BatchBuilder,
  type BuildOptions,
} from '../../../../packages/protocol/src/records/batch-builder.ts'
import {
  type BatchProblem,
  batchProblems,
  checkBatch,
  checkFraming,
} from '../../../../packages/protocol/src/records/check-batch.ts'
import { RecordBatch } from '../../../../packages/protocol/src/records/record-batch.ts'
import { portableCrc32c } from '../../../../packages/protocol/src/wire/crc32c.ts'
import { legacyVectors, modernVectors } from '../../../support/record-vectors.ts'

function threeRecords(options: BuildOptions = {}): Buffer {
  const builder = new BatchBuilder()
  for (const value of ['a', 'b', 'c']) builder.append({ key: 'k', value, timestamp: 1 })
  return builder.build(options)
}

/** A good batch with something changed, and its checksum right again. */
function changed(change: (bytes: Buffer) => void, options: BuildOptions = {}): Buffer {
  const bytes = threeRecords(options)
  change(bytes)
  new RecordBatch(bytes).writeCrc(portableCrc32c)
  return bytes
}

const producer = { producerId: 7, producerEpoch: 0, baseSequence: 0 }

describe('checkBatch', () => {
  it('finds nothing wrong with what producers send', () => {
    expect(checkBatch(new RecordBatch(threeRecords()), portableCrc32c)).toBeUndefined()
    expect(checkBatch(new RecordBatch(threeRecords(producer)), portableCrc32c)).toBeUndefined()
    expect(
      checkBatch(
        new RecordBatch(threeRecords({ ...producer, isTransactional: true })),
        portableCrc32c,
      ),
    ).toBeUndefined()
    const captured = modernVectors.filter(vector =>
      /^(librdkafka|kafkajs|kafka-python|platformatic)/.test(vector.name),
    )
    expect(captured.length).toBeGreaterThan(10)
    for (const vector of captured) {
      expect([
        vector.name,
        checkBatch(new RecordBatch(Buffer.from(vector.hex, 'hex')), portableCrc32c),
      ]).toEqual([vector.name, undefined])
    }
  })

  const cases: readonly (readonly [string, BatchProblem, Buffer])[] = [
    ['nothing at all', 'no batch', Buffer.alloc(0)],
    ['a few bytes', 'too short', Buffer.alloc(11)],
    ['a length below the header', 'too short', changed(bytes => bytes.writeInt32BE(48, 8))],
    ['a negative length', 'too short', changedLength(-5)],
    ['a length beyond the bytes', 'length beyond bytes', changedLength(0x7fff_ffff)],
    ['a cut batch', 'length beyond bytes', threeRecords().subarray(0, -1)],
    [
      'message format 1',
      'legacy magic',
      Buffer.from(legacyVectors.find(vector => vector.name === 'v1-none-three')!.hex, 'hex'),
    ],
    ['a format of the future', 'unknown magic', changed(bytes => bytes.writeInt8(3, 16))],
    ['a negative format', 'unknown magic', changed(bytes => bytes.writeInt8(-1, 16))],
    ['two batches', 'more than one batch', Buffer.concat([threeRecords(), threeRecords()])],
    [
      'bytes after the batch',
      'more than one batch',
      Buffer.concat([threeRecords(), Buffer.alloc(1)]),
    ],
    ['a flipped bit', 'wrong crc', flipped()],
    ['codec 5', 'unknown codec', changed(bytes => bytes.writeInt16BE(5, 21))],
    ['the control bit', 'control batch', threeRecords({ isControl: true })],
    ['a delete horizon', 'unknown attributes', changed(bytes => bytes.writeInt16BE(0x40, 21))],
    ['unknown bits', 'unknown attributes', changed(bytes => bytes.writeInt16BE(-0x8000, 21))],
    ['no records', 'wrong count', changed(bytes => bytes.writeInt32BE(0, 57))],
    [
      'a count that differs from the offsets',
      'wrong count',
      changed(bytes => bytes.writeInt32BE(2, 57)),
    ],
    [
      'an offset delta that differs from the count',
      'wrong count',
      changed(bytes => bytes.writeInt32BE(9, 23)),
    ],
    ['2^31-1 records', 'wrong count', changed(bytes => bytes.writeInt32BE(0x7fff_ffff, 57))],
    ['2^31-1 records with offsets to match', 'wrong record lengths', changed(counts(0x7fff_ffff))],
    ['one record too few', 'wrong record lengths', changed(counts(2))],
    ['one record too many', 'wrong record lengths', changed(counts(4))],
    [
      'a record length beyond the batch',
      'wrong record lengths',
      changed(bytes => bytes.writeUInt8(0x7e, 61)),
    ],
    [
      'a negative record length',
      'wrong record lengths',
      changed(bytes => bytes.writeUInt8(0x01, 61)),
    ],
    ['an endless record length', 'wrong record lengths', changed(bytes => bytes.fill(0xff, 61))],
    [
      'a producer without a sequence',
      'producer without sequence',
      threeRecords({ producerId: 7, producerEpoch: 0 }),
    ],
    [
      'a transaction without a producer',
      'transaction without producer',
      threeRecords({ isTransactional: true }),
    ],
  ]
  for (const [title, problem, bytes] of cases) {
    it(`calls ${title} '${problem}'`, () => {
      expect(checkBatch(new RecordBatch(bytes), portableCrc32c)).toBe(problem)
    })
  }

  it('has an example here of every problem', () => {
    expect(new Set(cases.map(([, problem]) => problem))).toEqual(
      new Set(Object.keys(batchProblems)),
    )
  })
})

describe('checkFraming', () => {
  it('finds whole batches anywhere, and says so for every cut', () => {
    const bytes = Buffer.concat([threeRecords(), threeRecords()])
    const middle = bytes.length / 2
    expect(checkFraming(bytes, middle)).toBeUndefined()
    for (let length = middle; length < bytes.length; length++) {
      expect(['too short', 'length beyond bytes']).toContain(
        checkFraming(bytes.subarray(0, length), middle),
      )
    }
  })
})

/** The checksum cannot be written over a wrong length; it is looked at later anyway. */
function changedLength(length: number): Buffer {
  const bytes = threeRecords()
  bytes.writeInt32BE(length, 8)
  return bytes
}

function flipped(): Buffer {
  const bytes = threeRecords()
  bytes[bytes.length - 1]! ^= 0x10
  return bytes
}

function counts(count: number): (bytes: Buffer) => void {
  return bytes => {
    bytes.writeInt32BE(count, 57)
    bytes.writeInt32BE(count - 1, 23)
  }
}
