/** What `npm run bench -- codec` measures: each case is the same work done by several sides. */
import { Buffer } from 'node:buffer'
import {
  type AnyMessage,
  type Codec,
  compiledCodec,
  crc32c,
  Fetch,
  type MessageCodec,
  Metadata,
  nodeCodecs,
  Produce,
  portableCrc32c,
  Reader,
  Writer,
  walkingCodec,
} from '@varve/protocol'
import { type BatchPeer, batchCases } from './codec-batches.ts'

/** One way to do the work; `times` calls of it are one sample. */
export interface CodecSide {
  readonly name: string
  readonly run: () => unknown
}

export interface CodecCase {
  readonly name: string
  /** What one run does this many of, for the figures by second. */
  readonly units: number
  readonly unit: string
  /** The first is ours; the others are what it is held against. */
  readonly sides: readonly CodecSide[]
  /** By the name of the other side. */
  readonly aims: Readonly<Record<string, number>>
}

const TOPIC_ID = 'IDD3ml3ptdy-FzWCrXPgvA'

const produceRequest = (partitions: number): object => ({
  transactionalId: null,
  acks: -1,
  timeoutMs: 30_000,
  topicData: [
    {
      name: 'orders',
      partitionData: Array.from({ length: partitions }, (_, index) => ({
        index,
        records: Buffer.alloc(16_384, index),
      })),
    },
  ],
})

const metadataResponse = {
  brokers: Array.from({ length: 3 }, (_, nodeId) => ({
    nodeId,
    host: `broker-${nodeId}.example.com`,
    port: 9092,
    rack: 'a',
  })),
  clusterId: 'MkU3OEVBNTcwNTJENDM2Qk',
  controllerId: 1,
  topics: Array.from({ length: 50 }, (_, topic) => ({
    errorCode: 0,
    name: `orders-${topic}`,
    topicId: TOPIC_ID,
    partitions: Array.from({ length: 10 }, (_, partitionIndex) => ({
      errorCode: 0,
      partitionIndex,
      leaderId: partitionIndex % 3,
      leaderEpoch: 5,
      replicaNodes: [0, 1, 2],
      isrNodes: [0, 1, 2],
      offlineReplicas: [],
    })),
  })),
}

/** The headers alone: what the answer says of each partition, without a record. */
const fetchResponse = {
  sessionId: 7,
  responses: Array.from({ length: 10 }, () => ({
    topicId: TOPIC_ID,
    partitions: Array.from({ length: 10 }, (_, partitionIndex) => ({
      partitionIndex,
      errorCode: 0,
      highWatermark: 1_000_000,
      lastStableOffset: 1_000_000,
      logStartOffset: 0,
      abortedTransactions: null,
      records: null,
    })),
  })),
}

/** Every case; `peers` are other libraries, as far as they are installed. */
export const codecCases = (peers: readonly BatchPeer[]): readonly CodecCase[] => [
  ...messageCases('Produce request, 1 partition', Produce.request, {
    ...{ version: 11, value: produceRequest(1), aim: 2 },
  }),
  ...messageCases('Produce request, 24 partitions', Produce.request, {
    ...{ version: 11, value: produceRequest(24), aim: 2 },
  }),
  ...messageCases('Metadata response, 500 partitions', Metadata.response, {
    version: 12,
    value: metadataResponse,
    aim: 2,
  }),
  ...messageCases('Fetch response headers, 100 partitions', Fetch.response, {
    version: 16,
    value: fetchResponse,
    aim: 4,
  }),
  ...batchCases(peers),
  ...[64, 512, 4096, 65_536, 1_048_576].map(crcCase),
  ...(['gzip', 'snappy', 'lz4', 'zstd'] as const).flatMap(compressionCases),
]

const messageCases = (
  name: string,
  message: AnyMessage,
  { version, value, aim }: { version: number; value: unknown; aim: number },
): readonly CodecCase[] => {
  const layout = message.layout(version)
  const compiled = compiledCodec(layout)
  if (compiled === undefined) throw new Error('code generation is switched off')
  const walking = walkingCodec(layout)
  const bytes = encoded(compiled, value)
  const reader = new Reader(bytes)
  const read = (codec: MessageCodec) => (): unknown => {
    reader.reset(bytes)
    return codec.read(reader)
  }
  const writer = new Writer(8192)
  const write = (codec: MessageCodec) => (): unknown => {
    writer.begin()
    codec.write(writer, value)
    return writer.finish()
  }
  const both = (codec: MessageCodec) => (): unknown => {
    write(codec)()
    return read(codec)()
  }
  const of = (what: string, side: (codec: MessageCodec) => () => unknown) => ({
    name: `${name}: ${what}`,
    units: 1,
    unit: 'messages',
    sides: [
      { name: 'compiled', run: side(compiled) },
      { name: 'walked', run: side(walking) },
    ],
  })
  return [
    { ...of('write', write), aims: {} },
    { ...of('read', read), aims: {} },
    { ...of('write and read', both), aims: { walked: aim } },
  ]
}

const encoded = (codec: MessageCodec, value: unknown): Buffer => {
  const writer = new Writer()
  codec.write(writer, value)
  return Buffer.concat(writer.finish())
}

const crcCase = (sizeBytes: number): CodecCase => {
  const bytes = Buffer.alloc(sizeBytes, 'varve-')
  return {
    name: `CRC-32C of ${sizeBytes} B`,
    units: sizeBytes / 1e6,
    unit: 'MB',
    sides: [
      { name: 'ours', run: () => crc32c(bytes, 0, sizeBytes) },
      { name: 'portable', run: () => portableCrc32c(bytes, 0, sizeBytes) },
    ],
    aims: {},
  }
}

const native = nodeCodecs()
const portable = nodeCodecs({ prefer: 'portable' })

/** 64 KiB of records that look like JSON. */
const compressible = Buffer.from(
  Array.from({ length: 1000 }, (_, index) =>
    JSON.stringify({ order: index, amount: (index * 7919) % 1000, currency: 'EUR' }),
  ).join('\n'),
)

const compressionCases = (codec: Codec): readonly CodecCase[] => {
  const compressed = native.compress(codec, compressible)
  const units = compressible.length / 1e6
  const percent = Math.round((100 * compressed.length) / compressible.length)
  return [
    {
      name: `${codec} compress (to ${percent} %)`,
      units,
      unit: 'MB',
      sides: [
        { name: native.source(codec), run: () => native.compress(codec, compressible) },
        { name: 'fallback', run: () => portable.compress(codec, compressible) },
      ],
      aims: {},
    },
    {
      name: `${codec} decompress`,
      units,
      unit: 'MB',
      sides: [
        { name: native.source(codec), run: () => native.decompress(codec, compressed, 1 << 20) },
        { name: 'fallback', run: () => portable.decompress(codec, compressed, 1 << 20) },
      ],
      aims: {},
    },
  ]
}
