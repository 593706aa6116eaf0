import { ConfigError } from '../errors.ts'
import {
  choiceOption,
  functionOption,
  integerOption,
  refuseUnknownOptions,
  signalOption,
} from '../options.ts'
import type { ConsumerBatch, ConsumerRecord } from './record.ts'

/** What a handler gets beside the records. */
export interface HandlingContext {
  /** Aborted when the partition was given to another consumer, or the run is stopped and its time is up. */
  readonly signal: AbortSignal
}

/** How `run` works. One of `eachRecord` and `eachBatch` is needed. */
export interface RunOptions {
  /** Handles one record. A record whose handler fails is not handled, and ends the run. */
  readonly eachRecord?: (record: ConsumerRecord, context: HandlingContext) => unknown
  /** Handles the records of one partition that came together. */
  readonly eachBatch?: (batch: ConsumerBatch, context: HandlingContext) => unknown
  /** How many handlers may be at work at once. Default: 1. */
  readonly concurrency?: number
  /**
   * What is handled one after another: the records of a `partition`, or, for `eachRecord`, those of a partition with the same
   * `key`; records without a key then have no order. Default: `partition`.
   */
  readonly orderBy?: 'partition' | 'key'
  /** Stops the run: handlers at work finish, nothing new begins. */
  readonly signal?: AbortSignal
}

export interface RunSettings {
  readonly eachRecord: RunOptions['eachRecord']
  readonly eachBatch: RunOptions['eachBatch']
  readonly concurrency: number
  readonly orderBy: 'partition' | 'key'
  readonly signal: AbortSignal | undefined
}

const KNOWN_OPTIONS = [
  'eachRecord',
  'eachBatch',
  'concurrency',
  'orderBy',
  'signal',
] as const satisfies readonly (keyof RunOptions)[]

/** Checks the options and completes them. */
export function runSettings(options: RunOptions): RunSettings {
  refuseUnknownOptions({ of: 'run', options, known: KNOWN_OPTIONS })
  const { eachRecord, eachBatch } = options
  if ((eachRecord === undefined) === (eachBatch === undefined))
    throw new ConfigError('run: expected one of eachRecord and eachBatch')
  functionOption({ name: 'eachRecord', value: eachRecord })
  functionOption({ name: 'eachBatch', value: eachBatch })
  signalOption(options.signal)
  const orderBy = choiceOption({
    name: 'orderBy',
    value: options.orderBy,
    fallback: 'partition',
    choices: ['partition', 'key'],
  })
  if (eachBatch !== undefined && orderBy === 'key')
    throw new ConfigError('run: a batch holds records of many keys; orderBy key needs eachRecord')
  const { concurrency: value } = options
  const concurrency = integerOption({
    name: 'concurrency',
    value,
    fallback: 1,
    min: 1,
    max: 10_000,
  })
  return { eachRecord, eachBatch, orderBy, concurrency, signal: options.signal }
}
