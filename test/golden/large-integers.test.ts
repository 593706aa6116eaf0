import { Buffer } from 'node:buffer'
import {
  type AnyMessage,
  BatchBuilder,
  ConsumerGroupMetadataValue,
  compiledCodec,
  EndTxn,
  Fetch,
  INT64_MAX,
  type MessageCodec,
  Reader,
  RecordBatch,
  recordsOf,
  WireError,
  Writer,
  walkingCodec,
} from '@varve/protocol'
import { describe, expect, it } from 'vitest'

/** Made by hand: a number of JavaScript is exact up to 2^53-1, and other languages write all 64 bits. */
const int64 = (value: bigint): string => {
  const bytes = Buffer.alloc(8)
  bytes.writeBigInt64BE(value)
  return bytes.toString('hex')
}
const beyond = [2n ** 53n, 2n ** 62n, 2n ** 63n - 1n, -(2n ** 53n), -(2n ** 63n)]
const within = [2n ** 53n - 1n, -(2n ** 53n) + 1n, 2n ** 52n + 1n, -1n]

const codecsOf = (message: AnyMessage, version: number): readonly MessageCodec[] => {
  const layout = message.layout(version)
  const compiled = compiledCodec(layout)
  return compiled === undefined ? [] : [compiled, walkingCodec(layout)]
}

const written = (codec: MessageCodec, value: unknown): string => {
  const writer = new Writer()
  codec.write(writer, value)
  return Buffer.concat(writer.finish()).toString('hex')
}

const read = (codec: MessageCodec, hex: string): unknown =>
  codec.read(new Reader(Buffer.from(hex, 'hex')))

describe('an int64 of a message', () => {
  /** EndTxn v0: the id `t`, the producer id, epoch 1, commit. */
  const endTxn = (producerId: bigint): string => `000174${int64(producerId)}000101`

  it('is exact up to 2^53-1, on both sides of zero', () => {
    for (const codec of codecsOf(EndTxn.request, 0)) {
      for (const value of within) {
        const request = read(codec, endTxn(value)) as { producerId: number }
        expect(BigInt(request.producerId)).toBe(value)
        expect(written(codec, request)).toBe(endTxn(value))
      }
    }
  })

  it('is refused beyond, rather than rounded', () => {
    for (const codec of codecsOf(EndTxn.request, 0)) {
      for (const value of beyond) {
        expect(() => read(codec, endTxn(value))).toThrow(WireError)
        const rounded = { transactionalId: 't', producerId: Number(value), producerEpoch: 1 }
        expect(() => written(codec, { ...rounded, committed: true })).toThrow(WireError)
      }
    }
  })

  it('may be 2^63-1 where that is the protocol word for none', () => {
    /** Fetch v18: no cluster, waits, one topic of no id with one partition whose tag 1 is the high watermark. */
    const fetch = (highWatermark: string): string => {
      const partition = `00000003${'ffffffff'}${int64(7n)}ffffffff${int64(-1n)}00100000${highWatermark}`
      return `000001f4000000010010000000${'00000000'}ffffffff02${'00'.repeat(16)}02${partition}00010100`
    }
    for (const codec of codecsOf(Fetch.request, 18)) {
      const request = read(codec, fetch('00')) as {
        topics: { partitions: { highWatermark: number }[] }[]
      }
      expect(request.topics[0]?.partitions[0]?.highWatermark).toBe(INT64_MAX)
      expect(written(codec, request)).toBe(fetch('00'))
      // Kafka leaves a value out that is the default; one that is written out all the same is read.
      expect(read(codec, fetch(`010108${int64(2n ** 63n - 1n)}`))).toEqual(request)
      expect(() => read(codec, fetch(`010108${int64(2n ** 63n - 2n)}`))).toThrow(WireError)
    }
  })

  it('keeps every bit where it is a hash', () => {
    for (const codec of codecsOf(ConsumerGroupMetadataValue, 0)) {
      for (const value of [...beyond, ...within]) {
        const hex = `00000005010008${int64(value)}`
        const group = read(codec, hex) as { metadataHash: string }
        expect(group.metadataHash).toBe(int64(value))
        expect(written(codec, group)).toBe(hex)
      }
      const tooLong = { epoch: 5, metadataHash: '00000000000000000' }
      expect(() => written(codec, tooLong)).toThrow(WireError)
    }
  })
})

describe('an int64 of a batch', () => {
  it('saturates, in the header and in a record, and leaves the bytes as they are', () => {
    for (const value of beyond) {
      const builder = new BatchBuilder()
      builder.append({ value: 'a', timestamp: 0 })
      builder.append({ value: 'b', timestamp: Number.MAX_SAFE_INTEGER })
      const bytes = builder.build({})
      bytes.writeBigInt64BE(value, 27)
      bytes.writeBigInt64BE(value, 35)
      bytes.writeBigInt64BE(value, 43)
      const before = Buffer.from(bytes)
      const batch = new RecordBatch(bytes)
      const saturated = value > 0n ? Number.MAX_SAFE_INTEGER : Number.MIN_SAFE_INTEGER
      expect([batch.baseTimestamp, batch.maxTimestamp, batch.producerId]).toEqual([
        saturated,
        saturated,
        saturated,
      ])
      expect([...recordsOf(batch)][0]?.timestamp).toBe(saturated)
      expect(bytes.equals(before)).toBe(true)
    }
  })
})
