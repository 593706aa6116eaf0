import { readFileSync } from 'node:fs'

/** What Kafka's own decoder read from the bytes of a golden vector. */
export interface GoldenBatch {
  readonly magic: number
  readonly baseOffset: number
  readonly lastOffset: number
  readonly sizeInBytes: number
  readonly crc: string
  readonly compression: 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd'
  readonly timestampType: string
  readonly maxTimestamp: number
  readonly partitionLeaderEpoch: number
  readonly attributes: number
  readonly baseTimestamp: number
  readonly producerId: number
  readonly producerEpoch: number
  readonly baseSequence: number
  readonly lastSequence: number
  readonly isTransactional: boolean
  readonly isControl: boolean
  readonly count: number
  readonly deleteHorizonMs: number
  readonly records: readonly GoldenRecord[]
}

export type GoldenBytes = string | { readonly repeatByte: number; readonly count: number } | null

export interface GoldenRecord {
  readonly offset: number
  readonly timestamp: number
  readonly sequence: number
  readonly key: GoldenBytes
  readonly value: GoldenBytes
  readonly headers: readonly { readonly key: string; readonly value: GoldenBytes }[]
}

export interface GoldenVector {
  readonly name: string
  readonly hex: string
  readonly batches: readonly GoldenBatch[]
}

interface GoldenFile {
  readonly recordBatches: readonly GoldenVector[]
  readonly crc32c: readonly { readonly utf8: string; readonly crc32c: string }[]
  readonly varints: {
    readonly varint32: readonly { readonly value: number; readonly hex: string }[]
    readonly varint64: readonly { readonly value: string; readonly hex: string }[]
  }
}

export const golden = JSON.parse(
  readFileSync(new URL('../golden/record-batches.json', import.meta.url), 'utf8'),
) as GoldenFile

/** The bytes that a golden value stands for. */
export function goldenBytes(value: GoldenBytes): Buffer | null {
  if (value === null) return null
  if (typeof value === 'string') return Buffer.from(value, 'hex')
  return Buffer.alloc(value.count, value.repeatByte)
}

/** The vectors of magic 2. */
export const modernVectors = golden.recordBatches.filter(vector => vector.batches[0]!.magic === 2)
/** The vectors of magic 0 and 1. */
export const legacyVectors = golden.recordBatches.filter(vector => vector.batches[0]!.magic < 2)
