import { batchesOf, crc32c, nodeCodecs, RecordBatch, recordsOf } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import type { LogSettings } from '../../../../packages/broker/src/log/log-settings.ts'
import { recompress } from '../../../../packages/broker/src/log/recompress.ts'
import { plainSettings } from '../../../support/log-harness.ts'
import { storedBatch } from '../../../support/log-parts.ts'

const tools = { crc32c, codecs: nodeCodecs() }
const values = ['a', null, 'c'.repeat(500)]

const batchWith = (compression: 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd') =>
  storedBatch({
    ...{ values, baseOffset: 0, timestamps: [5, 9, 7], compression },
    ...{ producerId: 12, producerEpoch: 3, baseSequence: 40, partitionLeaderEpoch: -1 },
  })

const recompressed = (bytes: Uint8Array, settings: Partial<LogSettings>) =>
  recompress(bytes, { ...plainSettings, ...settings }, tools)

function bytesOf(result: ReturnType<typeof recompress>): Uint8Array {
  if (!(result instanceof Uint8Array)) throw new Error(result.message)
  return result
}

const codecs = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const

describe('bringing a batch to the codec of its topic', () => {
  it.each(codecs.flatMap(from => codecs.map(to => [from, to] as const)))(
    'from %s to %s changes the codec, and nothing of what the batch says',
    (from, to) => {
      const original = batchWith(from)
      const given = Buffer.from(original)
      const result = bytesOf(
        recompressed(given, { compressionType: to === 'none' ? 'uncompressed' : to }),
      )
      expect(given.equals(original)).toBe(true)
      if (from === to) expect(result).toBe(given)
      const [batch, ...others] = [...batchesOf(result)]
      const before = new RecordBatch(original)
      expect([batch?.compression, others, batch?.crcIsValid()]).toEqual([to, [], true])
      for (const field of [
        'baseOffset',
        'lastOffsetDelta',
        'baseTimestamp',
        'maxTimestamp',
        'producerId',
        'producerEpoch',
        'baseSequence',
        'recordsCount',
        'timestampType',
      ] as const)
        expect(batch?.[field], field).toBe(before[field])
      const records = [...recordsOf(batch as RecordBatch, tools.codecs)]
      expect(records.map(({ value, timestamp }) => [value?.toString() ?? null, timestamp])).toEqual(
        values.map((value, index) => [value, [5, 9, 7][index]]),
      )
    },
  )

  it('leaves the batch as it is when the topic leaves it to the producer', () => {
    const batch = batchWith('gzip')
    expect(recompressed(batch, { compressionType: 'producer' })).toBe(batch)
  })

  it('keeps marks that have nothing to do with the codec', () => {
    const batch = storedBatch({
      ...{ values, baseOffset: 0, compression: 'gzip', isTransactional: true },
      ...{ producerId: 1, producerEpoch: 0, baseSequence: 0 },
    })
    const result = new RecordBatch(bytesOf(recompressed(batch, { compressionType: 'zstd' })))
    expect([result.isTransactional, result.compression]).toEqual([true, 'zstd'])
  })

  it('uses the level of the topic', () => {
    const levels: (number | undefined)[] = []
    const codecs = nodeCodecs()
    const spying = {
      crc32c,
      codecs: {
        decompress: codecs.decompress.bind(codecs),
        compress: (...[codec, bytes, level]: Parameters<typeof codecs.compress>) => {
          levels.push(level)
          return codecs.compress(codec, bytes, level)
        },
      },
    }
    const settings = {
      ...{ ...plainSettings, compressionGzipLevel: 1 },
      ...{ compressionLz4Level: 2, compressionZstdLevel: 3 },
    }
    for (const compressionType of ['gzip', 'lz4', 'zstd', 'snappy'] as const)
      recompress(batchWith('none'), { ...settings, compressionType }, spying)
    expect(levels).toEqual([1, 2, 3, undefined])
  })

  it('refuses a batch that is too large afterwards', () => {
    const zipped = storedBatch({
      ...{ values: ['x'.repeat(5_000)], baseOffset: 0, compression: 'gzip' },
    })
    for (const limit of [{ maxMessageBytes: 4_000 }, { segmentBytes: 4_000 }])
      expect(recompressed(zipped, { compressionType: 'uncompressed', ...limit })).toMatchObject({
        error: 'MESSAGE_TOO_LARGE',
      })
  })

  it('stops opening a batch at the limit', () => {
    const bomb = storedBatch({
      ...{ values: ['x'.repeat(5_000)], baseOffset: 0, compression: 'gzip' },
    })
    const settings = { compressionType: 'zstd' as const, maxDecompressedBytes: 4_000 }
    expect(recompressed(bomb, settings)).toMatchObject({ error: 'MESSAGE_TOO_LARGE' })
  })

  it('refuses records that cannot be decompressed', () => {
    const damaged = batchWith('gzip')
    damaged.fill(0, 61, 75)
    expect(recompressed(damaged, { compressionType: 'zstd' })).toMatchObject({
      error: 'CORRUPT_MESSAGE',
    })
  })

  it('does not hide a bug', () => {
    const broken = {
      crc32c,
      codecs: {
        ...nodeCodecs(),
        compress: () => {
          throw new TypeError('a bug')
        },
      },
    }
    const settings = { ...plainSettings, compressionType: 'gzip' as const }
    expect(() => recompress(batchWith('none'), settings, broken)).toThrow(TypeError)
  })
})
