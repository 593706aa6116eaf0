import { Buffer } from 'node:buffer'
import { BatchBuilder, crc32c, RecordBatch, recordsOf } from '@varve/protocol'
import { decodeByHand, encodeByHand, type PlainRecord, sumBare } from './codec-by-hand.ts'
import type { CodecCase } from './codec-cases.ts'

/** Another library's batches: `prepare` gives the records in the form that it takes them in. */
export interface BatchPeer {
  readonly name: string
  /** How many times as fast ours should be. */
  readonly aim: number
  readonly encoder: (records: readonly PlainRecord[]) => () => unknown
  readonly decoder: (bytes: Buffer) => () => unknown
}

const BATCH_BYTES = 100_000
const BY_HAND_AIM = 0.6
const START = 1_700_000_000_000

/** Encoding and decoding batches of records of 100 B and of 1 KiB. */
export const batchCases = (peers: readonly BatchPeer[]): readonly CodecCase[] =>
  [100, 1024].flatMap(valueBytes => {
    const count = Math.ceil(BATCH_BYTES / valueBytes)
    const records = Array.from({ length: count }, (_, index): PlainRecord => {
      const key = Buffer.from(`key-${String(index).padStart(6, '0')}`)
      return { key, value: Buffer.alloc(valueBytes, 'varve-'), timestamp: START + index }
    })
    const capacityBytes = count * (valueBytes + 40)
    const bytes = encodeByHand(records, capacityBytes)
    if (!built(records, undefined, () => 0).equals(bytes))
      throw new Error('by hand it is another batch')
    if (new Set([summed(bytes), summedByHand(bytes), sumBare(bytes)]).size > 1)
      throw new Error('by hand there are other records')
    const name = `batch of ${count} records of ${valueBytes} B`
    const of = { units: count, unit: 'records' }
    // Only records of 100 B are held against the loop: with larger ones both copy memory, and little else.
    const byHand = valueBytes === 100 ? { 'by hand': BY_HAND_AIM } : {}
    return [
      {
        ...of,
        name: `encode a ${name}, without CRC`,
        sides: [
          { name: 'builder', run: () => built(records, capacityBytes, () => 0) },
          { name: 'by hand', run: () => encodeByHand(records, capacityBytes) },
        ],
        aims: byHand,
      },
      {
        ...of,
        name: `decode a ${name}`,
        sides: [
          { name: 'iterator', run: () => summed(bytes) },
          { name: 'by hand', run: () => summedByHand(bytes) },
          { name: 'bare', run: () => sumBare(bytes) },
          ...peers.map(peer => ({ name: peer.name, run: peer.decoder(bytes) })),
        ],
        aims: { ...byHand, ...aimsOf(peers) },
      },
      {
        ...of,
        name: `encode a ${name}`,
        sides: [
          { name: 'builder', run: () => built(records, undefined, crc32c) },
          ...peers.map(peer => ({ name: peer.name, run: peer.encoder(records) })),
        ],
        aims: aimsOf(peers),
      },
    ]
  })

const aimsOf = (peers: readonly BatchPeer[]): Readonly<Record<string, number>> =>
  Object.fromEntries(peers.map(({ name, aim }) => [name, aim]))

const built = (
  records: readonly PlainRecord[],
  capacityBytes: number | undefined,
  checksum: typeof crc32c,
): Buffer => {
  const builder = new BatchBuilder(capacityBytes)
  for (const record of records) builder.append(record)
  return builder.build({ crc32c: checksum })
}

const summed = (bytes: Buffer): number => {
  let sum = 0
  for (const { offset, timestamp, key, value } of recordsOf(new RecordBatch(bytes))) {
    sum += offset + timestamp + (key?.length ?? 0) + (value?.length ?? 0)
  }
  return sum
}

const summedByHand = (bytes: Buffer): number => {
  let sum = 0
  decodeByHand(bytes, ({ offset, timestamp, key, value }) => {
    sum += offset + timestamp + key.length + value.length
  })
  return sum
}
