import { Buffer } from 'node:buffer'
import { isDeepStrictEqual } from 'node:util'
import {
  BatchBuilder,
  batchesOf,
  type LogRecord,
  nodeCodecs,
  RecordBatch,
  recordsIn,
  recordsOf,
} from '@varve/protocol'

/** What Kafka's own decoder read from a batch; `records` apart, the names are those of its classes. */
export interface BatchFacts {
  readonly magic: number
  readonly crc: string
  readonly compression: 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd'
  readonly timestampType: string
  readonly maxTimestamp: number
  readonly records: readonly RecordFacts[]
}

type HexOrRepeated = string | { readonly repeatByte: number; readonly count: number } | null

export interface RecordFacts {
  readonly offset: number
  readonly timestamp: number
  readonly key: HexOrRepeated
  readonly value: HexOrRepeated
  readonly headers: readonly { readonly key: string; readonly value: HexOrRepeated }[]
}

export interface BatchVector {
  readonly name: string
  readonly hex: string
  readonly batches: readonly BatchFacts[]
}

export interface BatchVerdict {
  readonly problems: readonly string[]
  /** Whether our builder gives the same bytes for the same records: a compressor has choices of its own. */
  readonly isWrittenAlike: boolean
}

const codecs = {
  native: nodeCodecs(),
  portable: nodeCodecs({ prefer: 'portable' }),
  raw: nodeCodecs({ snappyFraming: 'raw' }),
}

/** Reads a vector with native and portable codecs, compares all that is stated, and writes the records again. */
export const checkBatches = ({ name, hex, batches }: BatchVector): BatchVerdict => {
  const bytes = Buffer.from(hex, 'hex')
  const problems: string[] = []
  try {
    if ((batches[0]?.magic ?? 2) < 2) checkLegacy(bytes, batches, problems)
    else checkModern(bytes, batches, problems)
  } catch (error) {
    problems.push(String(error))
  }
  const isWrittenAlike = problems.length === 0 && writtenAlike(bytes, batches)
  return { problems: problems.map(problem => `${name}: ${problem}`), isWrittenAlike }
}

const checkLegacy = (bytes: Buffer, facts: readonly BatchFacts[], problems: string[]): void => {
  const stated = facts.flatMap(({ records }) => records.map(recordOf))
  for (const [kind, codec] of Object.entries(codecs)) {
    const read = [...recordsIn(bytes, codec)].map(asRead)
    if (!isDeepStrictEqual(read, stated)) problems.push(`${kind}: other records`)
  }
}

const checkModern = (bytes: Buffer, facts: readonly BatchFacts[], problems: string[]): void => {
  const batches = [...batchesOf(bytes)]
  if (batches.length !== facts.length) problems.push(`has ${batches.length} batches`)
  for (const [index, batch] of batches.entries()) {
    const { records, ...header } = facts[index] ?? ({ records: [] } as Partial<BatchFacts>)
    if (!isDeepStrictEqual(headerOf(batch), header)) {
      problems.push(`other header: ${JSON.stringify(headerOf(batch))}`)
    }
    const stated = (records ?? []).map(recordOf)
    for (const [kind, codec] of Object.entries(codecs)) {
      const read = [...recordsOf(batch, codec)].map(asRead)
      if (!isDeepStrictEqual(read, stated)) problems.push(`${kind}: other records`)
    }
  }
}

/** Everything that a view says of a batch's header, by the names of `BatchFacts`. */
export const headerOf = (batch: RecordBatch): object => ({
  magic: batch.magic,
  baseOffset: batch.baseOffset,
  lastOffset: batch.lastOffset,
  sizeInBytes: batch.sizeBytes,
  crc: batch.crc.toString(16).padStart(8, '0'),
  crcValid: batch.crcIsValid(),
  compression: batch.compression,
  timestampType: batch.timestampType,
  maxTimestamp: batch.maxTimestamp,
  partitionLeaderEpoch: batch.partitionLeaderEpoch,
  attributes: batch.attributes,
  baseTimestamp: batch.baseTimestamp,
  producerId: batch.producerId,
  producerEpoch: batch.producerEpoch,
  baseSequence: batch.baseSequence,
  lastSequence: batch.lastSequence,
  isTransactional: batch.isTransactional,
  isControl: batch.isControl,
  count: batch.recordsCount,
  deleteHorizonMs: batch.hasDeleteHorizon ? batch.baseTimestamp : -1,
})

/** Builds the batches anew from what was read; only a compressor, compaction and old formats give other bytes. */
const writtenAlike = (bytes: Buffer, facts: readonly BatchFacts[]): boolean => {
  if (facts.some(({ magic }) => magic < 2)) return false
  return Object.values(codecs).some(codec => {
    const built = [...batchesOf(bytes)].map(batch => rebuilt(batch, codec))
    return Buffer.concat(built).equals(bytes)
  })
}

const rebuilt = (batch: RecordBatch, codec: (typeof codecs)['native']): Buffer => {
  const builder = new BatchBuilder()
  const isStamped = batch.timestampType === 'LogAppendTime'
  for (const { key, value, headers, timestamp } of recordsOf(batch, codec)) {
    builder.append({ key, value, headers, timestamp: isStamped ? batch.baseTimestamp : timestamp })
  }
  const { compression, isTransactional, isControl, baseOffset, partitionLeaderEpoch } = batch
  const { producerId, producerEpoch, baseSequence } = batch
  const again = builder.build({
    ...{ isTransactional, isControl, baseOffset, partitionLeaderEpoch },
    ...{ producerId, producerEpoch, baseSequence, codecs: codec },
    compression: compression ?? 'none',
  })
  if (isStamped) new RecordBatch(again).stampLogAppendTime(batch.maxTimestamp)
  return again
}

const recordOf = ({ offset, timestamp, key, value, headers }: RecordFacts): object => ({
  ...{ offset, timestamp, key: bytesOf(key), value: bytesOf(value) },
  headers: headers.map(header => ({ key: header.key, value: bytesOf(header.value) })),
})

const asRead = ({ offset, timestamp, key, value, headers }: LogRecord): object => ({
  ...{ offset, timestamp, key, value, headers },
})

const bytesOf = (stated: HexOrRepeated): Buffer | null => {
  if (stated === null) return null
  if (typeof stated === 'string') return Buffer.from(stated, 'hex')
  return Buffer.alloc(stated.count, stated.repeatByte)
}
