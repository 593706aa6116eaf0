import { readFileSync } from 'node:fs'
import { crc32c, nodeCodecs, RecordBatch } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { refuseBatch } from '../../../../packages/broker/src/log/batch-door.ts'
import type { LogSettings } from '../../../../packages/broker/src/log/log-settings.ts'
import { plainSettings } from '../../../support/log-harness.ts'
import { type StoredBatch, storedBatch } from '../../../support/log-parts.ts'

const NOW = 1_000_000
const tools = { crc32c, codecs: nodeCodecs() }
const strict: Partial<LogSettings> = { batchValidation: 'strict' }
const compacted: Partial<LogSettings> = { cleanupPolicy: ['compact'] }

const refusalOf = (bytes: Uint8Array, settings: Partial<LogSettings> = {}) =>
  refuseBatch(new RecordBatch(bytes), { ...plainSettings, ...settings }, { now: NOW }, tools)

const errorOf = (...of: Parameters<typeof refusalOf>) => refusalOf(...of)?.error ?? 'NONE'

const sent = (more: Partial<StoredBatch> = {}) =>
  storedBatch({ values: ['a', 'b'], baseOffset: 0, timestamp: NOW, ...more })

/** The batch with other bytes, and a checksum that is right again. */
function changed(bytes: Buffer, change: (bytes: Buffer) => void): Buffer {
  change(bytes)
  new RecordBatch(bytes).writeCrc(crc32c)
  return bytes
}

describe('the door of a log', () => {
  it('lets every batch of magic 2 in that a real client has written for a producer', () => {
    const { recordBatches } = JSON.parse(
      readFileSync(new URL('../../../golden/record-batches.json', import.meta.url), 'utf8'),
    ) as { recordBatches: { name: string; hex: string; source: string }[] }
    const clients = recordBatches.filter(({ source }) =>
      /librdkafka|kafkajs|platformatic|python/.test(source),
    )
    const forever = {
      timestampBeforeMaxMs: Number.MAX_SAFE_INTEGER,
      timestampAfterMaxMs: Number.MAX_SAFE_INTEGER,
    }
    const refused = clients
      .map(({ name, hex }) => [name, refusalOf(Buffer.from(hex, 'hex'), { ...strict, ...forever })])
      .filter(([, refusal]) => refusal !== undefined)
    expect(clients.length).toBeGreaterThan(5)
    expect(refused).toEqual([])
  })

  it('lets a batch in up to the limits of its size, and not a byte more', () => {
    const batch = sent()
    const { length } = batch
    expect(errorOf(batch, { maxMessageBytes: length, segmentBytes: length })).toBe('NONE')
    expect(errorOf(batch, { maxMessageBytes: length - 1 })).toBe('MESSAGE_TOO_LARGE')
    expect(errorOf(batch, { segmentBytes: length - 1 })).toBe('RECORD_LIST_TOO_LARGE')
  })

  it('calls what is too large by its first name: damaged, or more than one', () => {
    const settings = { maxMessageBytes: 10 }
    const two = Buffer.concat([sent(), sent()])
    expect(errorOf(two, settings)).toBe('INVALID_RECORD')
    expect(errorOf(sent().subarray(0, -1), settings)).toBe('CORRUPT_MESSAGE')
  })

  it.each([
    ['a changed byte', 'CORRUPT_MESSAGE', () => Buffer.from(sent().fill(1, 70, 71))],
    ['a control batch', 'INVALID_RECORD', () => sent({ isControl: true })],
    [
      'a producer without an epoch',
      'INVALID_PRODUCER_EPOCH',
      () => sent({ producerId: 1, producerEpoch: -1, baseSequence: 0 }),
    ],
    [
      'a producer id that no number holds',
      'INVALID_RECORD',
      () =>
        changed(sent({ producerId: 1, producerEpoch: 0, baseSequence: 0 }), bytes =>
          bytes.writeBigInt64BE(2n ** 60n, 43),
        ),
    ],
  ])('refuses %s with %s', (_, error, make) => {
    expect(errorOf(make())).toBe(error)
  })
})

describe('the times of a batch', () => {
  const limits = { timestampBeforeMaxMs: 1_000, timestampAfterMaxMs: 500 }
  const at = (...timestamps: number[]) => sent({ values: timestamps.map(String), timestamps })

  it('may be as old and as new as the topic allows', () => {
    const errors = [NOW - 1_000, NOW - 1_001, NOW + 500, NOW + 501].map(time =>
      errorOf(at(time), limits),
    )
    expect(errors).toEqual(['NONE', 'INVALID_TIMESTAMP', 'NONE', 'INVALID_TIMESTAMP'])
  })

  it('are looked at at both ends of the batch', () => {
    expect(errorOf(at(NOW - 1_001, NOW), limits)).toBe('INVALID_TIMESTAMP')
    expect(errorOf(at(NOW, NOW + 501), limits)).toBe('INVALID_TIMESTAMP')
  })

  it('may be missing, but not be negative', () => {
    expect(errorOf(at(-1), limits)).toBe('NONE')
    const negative = changed(at(NOW), bytes => bytes.writeBigInt64BE(-2n, 27))
    expect(errorOf(negative)).toBe('INVALID_TIMESTAMP')
  })

  it('are not those of the append, which only the broker knows', () => {
    const stamped = changed(at(NOW), bytes => bytes.writeInt16BE(8, 21))
    expect(errorOf(stamped)).toBe('INVALID_TIMESTAMP')
  })

  it('do not matter where the broker sets them', () => {
    const settings: Partial<LogSettings> = { ...limits, timestampType: 'LogAppendTime' }
    expect(errorOf(at(1), settings)).toBe('NONE')
    expect(
      errorOf(
        changed(at(1), bytes => bytes.writeInt16BE(8, 21)),
        settings,
      ),
    ).toBe('NONE')
  })
})

describe('the records of a batch', () => {
  const broken = (compression: 'none' | 'gzip' = 'gzip') => sent({ compression }).fill(0, 61, 75)
  const withCrc = (bytes: Buffer) => changed(bytes, () => undefined)

  it('are the clients own affair while nobody relies on them', () => {
    expect(errorOf(withCrc(broken()))).toBe('NONE')
    expect(errorOf(sent({ key: null }))).toBe('NONE')
  })

  it.each([
    ['strict', strict],
    ['compacted', compacted],
  ])('are opened on a %s topic', (_, settings) => {
    expect(errorOf(withCrc(broken()), settings)).toBe('CORRUPT_MESSAGE')
    expect(errorOf(sent({ compression: 'zstd' }), settings)).toBe('NONE')
  })

  it('need keys on a compacted topic, and it is said which has none', () => {
    expect(refusalOf(sent({ key: null }), compacted)).toMatchObject({
      error: 'INVALID_RECORD',
      recordErrors: [{ batchIndex: 0, message: 'A record of a compacted topic needs a key.' }],
    })
    expect(errorOf(sent({ key: null }), strict)).toBe('NONE')
  })

  it('count up by one', () => {
    const batch = sent()
    const second = batch.lastIndexOf(Buffer.from([0, 0, 2, 6]))
    const skipping = changed(batch, bytes => bytes.writeUInt8(4, second + 2))
    expect(refusalOf(skipping, strict)).toMatchObject({
      error: 'INVALID_RECORD',
      recordErrors: [{ batchIndex: 1 }],
    })
  })

  it('are not newer than the batch says', () => {
    const late = sent({ timestamps: [NOW, NOW + 5] })
    const lying = changed(late, bytes => bytes.writeBigInt64BE(BigInt(NOW), 35))
    expect(refusalOf(lying, strict)).toMatchObject({
      recordErrors: [{ batchIndex: 1, message: 'The record is newer than the batch says.' }],
    })
  })

  it('are opened up to a limit, and only with a codec that is there', () => {
    const bomb = sent({ values: ['x'.repeat(9_000)], compression: 'gzip' })
    expect(errorOf(bomb, { ...strict, maxDecompressedBytes: 8_000 })).toBe('MESSAGE_TOO_LARGE')
    expect(errorOf(bomb, { ...strict, maxDecompressedBytes: 10_000 })).toBe('NONE')
  })
})
