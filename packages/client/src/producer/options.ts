import type { CompressionType } from '@varve/protocol'
import { ConfigError } from '../errors.ts'
import {
  badOption,
  choiceOption,
  integerOption,
  refuseUnknownOptions,
  textOption,
} from '../options.ts'
import type { Partitioner } from './partitioner.ts'

/** How a producer works. */
export interface ProducerOptions {
  /** Who must have a record before it counts as sent: -1 all in-sync replicas, 1 the leader, 0 nobody. Default: -1. */
  readonly acks?: -1 | 0 | 1
  /** Whether a record is written once even if it had to be sent twice. Default: true with acks -1. */
  readonly idempotent?: boolean
  /**
   * Makes the producer transactional: it writes in transactions alone, see `producer.transaction()`. The id names one place in
   * your program for good: who comes with it ends the transactions of whoever had it before. Default: none.
   */
  readonly transactionalId?: string
  /**
   * How long a transaction may take from its first record to its end before the coordinator aborts it; the broker allows
   * `transaction.max.timeout.ms` at most. Default: 60000.
   */
  readonly transactionTimeoutMs?: number
  /** Default: `none`. */
  readonly compression?: CompressionType
  /** The codec's own level. */
  readonly compressionLevel?: number
  /** How long a record waits for others to travel with. 0: only for those of the same turn of the event loop. Default: 0. */
  readonly lingerMs?: number
  /** A batch is sent when it has grown to this. Default: 65536. */
  readonly batchSizeBytes?: number
  /** The most that one request carries. Default: 1048576. */
  readonly maxRequestBytes?: number
  /** Requests under way to one broker at a time; 5 at most with idempotence. Default: 5. */
  readonly maxInFlight?: number
  /** How long a record may take from `send` to its acknowledgement, retries included. Default: 120000. */
  readonly deliveryTimeoutMs?: number
  /** What may wait inside the producer; beyond it `send` waits for room. Default: 33554432. */
  readonly bufferMemoryBytes?: number
  /** Chooses the partition of records that name none. Default: by key as the Java client does, sticky without a key. */
  readonly partitioner?: Partitioner
  /** Whether sending to a topic that does not exist may create it, if the broker allows that. Default: true. */
  readonly allowAutoTopicCreation?: boolean
}

/** The checked options. */
export interface ProducerSettings {
  readonly acks: -1 | 0 | 1
  readonly idempotent: boolean
  readonly transactionalId: string | undefined
  readonly transactionTimeoutMs: number
  readonly compression: CompressionType
  readonly compressionLevel: number | undefined
  readonly lingerMs: number
  readonly batchSizeBytes: number
  readonly maxRequestBytes: number
  readonly maxInFlight: number
  readonly deliveryTimeoutMs: number
  readonly bufferMemoryBytes: number
  readonly partitioner: Partitioner | undefined
  readonly allowAutoTopicCreation: boolean
}

const KNOWN_OPTIONS = [
  'acks',
  'idempotent',
  'transactionalId',
  'transactionTimeoutMs',
  'compression',
  'compressionLevel',
  'lingerMs',
  'batchSizeBytes',
  'maxRequestBytes',
  'maxInFlight',
  'deliveryTimeoutMs',
  'bufferMemoryBytes',
  'partitioner',
  'allowAutoTopicCreation',
] as const satisfies readonly (keyof ProducerOptions)[]

/** Checks the options and completes them. */
export function producerSettings(options: ProducerOptions): ProducerSettings {
  refuseUnknownOptions({ of: 'producer', options, known: KNOWN_OPTIONS })
  const acks = choiceOption({
    name: 'acks',
    value: options.acks,
    fallback: -1,
    choices: [-1, 0, 1],
  })
  const idempotent = options.idempotent ?? acks === -1
  if (idempotent && acks !== -1) {
    throw new ConfigError(
      `idempotent is true and acks is ${acks}; expected acks -1 with idempotence`,
    )
  }
  const { transactionalId } = options
  textOption({
    name: 'transactionalId',
    value: transactionalId,
    expected: 'a text that names this producer for good',
  })
  if (transactionalId !== undefined && !idempotent) {
    throw new ConfigError(
      `transactionalId is ${JSON.stringify(transactionalId)}, acks is ${acks} and idempotent is ${idempotent}; expected acks -1 and ` +
        'idempotence in transactions',
    )
  }
  if (transactionalId === undefined && options.transactionTimeoutMs !== undefined)
    throw new ConfigError('transactionTimeoutMs means nothing without transactionalId')
  if (options.partitioner !== undefined && typeof options.partitioner !== 'function') {
    throw badOption({ name: 'partitioner', value: options.partitioner, expected: 'a function' })
  }
  return {
    acks,
    idempotent,
    transactionalId,
    compression: choiceOption({
      name: 'compression',
      value: options.compression,
      fallback: 'none',
      choices: ['none', 'gzip', 'snappy', 'lz4', 'zstd'],
    }),
    compressionLevel: options.compressionLevel,
    ...producerLimits(options, idempotent),
    partitioner: options.partitioner,
    allowAutoTopicCreation: options.allowAutoTopicCreation ?? true,
  }
}

type Limits =
  | 'transactionTimeoutMs'
  | 'lingerMs'
  | 'batchSizeBytes'
  | 'maxRequestBytes'
  | 'maxInFlight'
  | 'deliveryTimeoutMs'
  | 'bufferMemoryBytes'

function producerLimits(
  options: ProducerOptions,
  idempotent: boolean,
): Pick<ProducerSettings, Limits> {
  const integer = (name: Limits, fallback: number, range: { min: number; max: number }) =>
    integerOption({ name, value: options[name], fallback, ...range })
  return {
    transactionTimeoutMs: integer('transactionTimeoutMs', 60_000, { min: 1, max: 2 ** 31 - 1 }),
    lingerMs: integer('lingerMs', 0, { min: 0, max: 3_600_000 }),
    batchSizeBytes: integer('batchSizeBytes', 65_536, { min: 1, max: 2 ** 30 }),
    maxRequestBytes: integer('maxRequestBytes', 1_048_576, { min: 1, max: 2 ** 30 }),
    maxInFlight: integer('maxInFlight', 5, { min: 1, max: idempotent ? 5 : 1000 }),
    deliveryTimeoutMs: integer('deliveryTimeoutMs', 120_000, { min: 1, max: 2 ** 31 - 1 }),
    bufferMemoryBytes: integer('bufferMemoryBytes', 33_554_432, {
      min: 1,
      max: Number.MAX_SAFE_INTEGER,
    }),
  }
}
