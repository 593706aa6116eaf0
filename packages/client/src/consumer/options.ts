import { ConfigError } from '../errors.ts'
import {
  GROUP_OPTIONS,
  type GroupOptions,
  type GroupSettings,
  groupSettings,
} from '../group/options.ts'
import {
  badOption,
  choiceOption,
  integerOption,
  refuseUnknownOptions,
  signalOption,
} from '../options.ts'
import type { TopicPartition } from './topic-partition.ts'

export type { TopicPartition }

/** A place in a partition: an offset, one of its ends, or the first record at or after a time (ms since 1970). */
export type StartPosition = number | 'earliest' | 'latest' | { readonly timestamp: number }

/** A place to move to. `beginning` and `end` are the same as `earliest` and `latest`. */
export type SeekPosition = StartPosition | 'beginning' | 'end'

/** A partition to read, and from where. Without an offset: from where `autoOffsetReset` says. */
export interface Assignment extends TopicPartition {
  readonly offset?: StartPosition
}

/** How a consumer works. One of `topics`, `assignments` and `topicPattern` is needed. */
export interface ConsumerOptions extends GroupOptions {
  /** Read all partitions of these topics, those that are added later included; with a `groupId`, its share of them. */
  readonly topics?: readonly string[]
  /** Read these partitions only. */
  readonly assignments?: readonly Assignment[]
  /** Where the partitions of `topics` begin, of which the group has committed nothing. Default: what `autoOffsetReset` says. */
  readonly startAt?: StartPosition
  /** Where to go when there is no position, or it is no longer in the log; `none` throws instead. Default: `latest`. */
  readonly autoOffsetReset?: 'earliest' | 'latest' | 'none'
  /** Whether records of open and aborted transactions are left out. Default: `read_uncommitted`. */
  readonly isolationLevel?: 'read_uncommitted' | 'read_committed'
  /** Finish when every partition has reached the end that it had when reading began. Default: false. */
  readonly stopAtEnd?: boolean
  /** How long a broker may hold a fetch back until it has `minBytes`. Default: 500. */
  readonly maxWaitMs?: number
  /** Default: 1. */
  readonly minBytes?: number
  /** The most that one fetch brings. Default: 52428800. */
  readonly maxBytes?: number
  /** The most that one fetch brings from one partition. Default: 1048576. */
  readonly maxPartitionBytes?: number
  /** What may be fetched ahead of the reader; beyond it nothing more is asked for. Default: 67108864. */
  readonly bufferBytes?: number
  /** What one batch may decompress to. Default: 134217728. */
  readonly decompressedBytesMax?: number
  /** Whether checksums are verified. Default: true. */
  readonly checkCrcs?: boolean
  /** Where this consumer runs: lets it read from a replica nearby (KIP-392). */
  readonly rackId?: string
  /** Whether reading a topic that does not exist may create it, if the broker allows that. Default: false. */
  readonly allowAutoTopicCreation?: boolean
  /** Ends the iteration with the signal's reason, and closes a consumer that is in a group. */
  readonly signal?: AbortSignal
}

/** The checked options. */
export interface ConsumerSettings {
  readonly topics: readonly string[]
  readonly assignments: readonly Assignment[]
  readonly startAt: StartPosition | undefined
  readonly autoOffsetReset: 'earliest' | 'latest' | 'none'
  readonly isolationLevel: 'read_uncommitted' | 'read_committed'
  readonly stopAtEnd: boolean
  readonly maxWaitMs: number
  readonly minBytes: number
  readonly maxBytes: number
  readonly maxPartitionBytes: number
  readonly bufferBytes: number
  readonly decompressedBytesMax: number
  readonly checkCrcs: boolean
  readonly rackId: string
  readonly allowAutoTopicCreation: boolean
  readonly signal: AbortSignal | undefined
  readonly stopTimeoutMs: number
  readonly group: GroupSettings | undefined
}

const KNOWN_OPTIONS = [
  'topics',
  'assignments',
  'startAt',
  'autoOffsetReset',
  'isolationLevel',
  'stopAtEnd',
  'maxWaitMs',
  'minBytes',
  'maxBytes',
  'maxPartitionBytes',
  'bufferBytes',
  'decompressedBytesMax',
  'checkCrcs',
  'rackId',
  'allowAutoTopicCreation',
  'signal',
  ...GROUP_OPTIONS,
] as const satisfies readonly (keyof ConsumerOptions)[]

/** Checks the options and completes them. */
export function consumerSettings(options: ConsumerOptions): ConsumerSettings {
  refuseUnknownOptions({ of: 'consumer', options, known: KNOWN_OPTIONS })
  const topics = topicNames(options.topics ?? [])
  const assignments = checkedAssignments(options.assignments ?? [])
  if (topics.length === 0 && assignments.length === 0 && options.topicPattern === undefined) {
    throw new ConfigError('consumer: neither topics nor assignments name anything to read')
  }
  for (const name of ['topics', 'topicPattern'] as const) {
    if (assignments.length === 0 || (options[name]?.length ?? 0) === 0) continue
    throw new ConfigError(`consumer: ${name} and assignments are both given; expected one of them`)
  }
  signalOption(options.signal)
  const stopTimeout = { value: options.stopTimeoutMs, fallback: 10_000, min: 1, max: 2 ** 31 - 1 }
  return {
    topics,
    assignments,
    startAt: options.startAt === undefined ? undefined : startPosition('startAt', options.startAt),
    autoOffsetReset: choiceOption({
      name: 'autoOffsetReset',
      value: options.autoOffsetReset,
      fallback: 'latest',
      choices: ['earliest', 'latest', 'none'],
    }),
    isolationLevel: choiceOption({
      name: 'isolationLevel',
      value: options.isolationLevel,
      fallback: 'read_uncommitted',
      choices: ['read_uncommitted', 'read_committed'],
    }),
    stopAtEnd: options.stopAtEnd ?? false,
    ...fetchLimits(options),
    checkCrcs: options.checkCrcs ?? true,
    rackId: options.rackId ?? '',
    allowAutoTopicCreation: options.allowAutoTopicCreation ?? false,
    signal: options.signal,
    stopTimeoutMs: integerOption({ name: 'stopTimeoutMs', ...stopTimeout }),
    group: groupSettings(options),
  }
}

type Limits =
  | 'maxWaitMs'
  | 'minBytes'
  | 'maxBytes'
  | 'maxPartitionBytes'
  | 'bufferBytes'
  | 'decompressedBytesMax'

function fetchLimits(options: ConsumerOptions): Pick<ConsumerSettings, Limits> {
  const integer = (name: Limits, fallback: number, min: number) =>
    integerOption({ name, value: options[name], fallback, min, max: 2 ** 31 - 1 })
  return {
    maxWaitMs: integer('maxWaitMs', 500, 1),
    minBytes: integer('minBytes', 1, 0),
    maxBytes: integer('maxBytes', 52_428_800, 1),
    maxPartitionBytes: integer('maxPartitionBytes', 1_048_576, 1),
    bufferBytes: integer('bufferBytes', 67_108_864, 1),
    decompressedBytesMax: integer('decompressedBytesMax', 134_217_728, 1),
  }
}

/** The names, each once. A text is refused: its letters would be taken for topics. */
function topicNames(topics: readonly string[]): readonly string[] {
  const expected = 'a list of names of topics'
  if (!Array.isArray(topics)) throw badOption({ name: 'topics', value: topics, expected })
  const bad: unknown = topics.find(topic => typeof topic !== 'string' || topic === '')
  if (bad !== undefined) throw badOption({ name: 'topics', value: topics, expected })
  return [...new Set(topics)]
}

function checkedAssignments(assignments: readonly Assignment[]): readonly Assignment[] {
  if (!Array.isArray(assignments)) {
    const expected = 'a list of partitions'
    throw badOption({ name: 'assignments', value: assignments, expected })
  }
  const seen = new Set<string>()
  for (const assignment of assignments) {
    checkAssignment(assignment)
    const name = `${assignment.topic}-${assignment.partition}`
    if (seen.has(name)) throw new ConfigError(`assignments: ${name} is named twice`)
    seen.add(name)
  }
  return assignments
}

function checkAssignment({ topic, partition, offset }: Assignment): void {
  if (typeof topic !== 'string' || topic === '') {
    throw badOption({ name: 'assignments.topic', value: topic, expected: 'the name of a topic' })
  }
  if (!Number.isInteger(partition) || partition < 0) {
    throw badOption({
      name: 'assignments.partition',
      value: partition,
      expected: 'an integer of at least 0',
    })
  }
  if (offset !== undefined) startPosition('assignments.offset', offset)
}

/** Checks a position; `name` is that of the option or argument it came in. */
export function startPosition(name: string, position: SeekPosition): StartPosition {
  if (position === 'beginning' || position === 'earliest') return 'earliest'
  if (position === 'end' || position === 'latest') return 'latest'
  if (typeof position === 'number' && Number.isSafeInteger(position) && position >= 0)
    return position
  if (
    typeof position === 'object' &&
    Number.isSafeInteger(position?.timestamp) &&
    position.timestamp >= 0
  ) {
    return position
  }
  const expected = "an offset, 'earliest', 'latest' or { timestamp: milliseconds }"
  throw badOption({ name, value: position, expected })
}
