/** What one run of the power-loss proof does: drawn from a seed, a value that can be printed and made shorter. */
import type { CompressionType } from '@varve/protocol'
import { memoryRandom } from '../../../packages/broker/src/memory/random.ts'
import type { Random } from '../../../packages/broker/src/world.ts'

/** The partitions of a run. The flush mode of `turning` changes while it runs. */
export const PARTITIONS = [
  { topic: 'durable', partition: 0 },
  { topic: 'durable', partition: 1 },
  { topic: 'relaxed', partition: 0 },
  { topic: 'turning', partition: 0 },
  { topic: 'compacted', partition: 0 },
] as const

/** Nobody, two idempotent producers, and two with transactions, of which the last knows KIP-890. */
export const PRODUCERS = ['plain', 'idempotent', 'idempotent', 'v1', 'v2'] as const

export type PowerStep =
  | {
      readonly type: 'append'
      readonly to: number
      readonly producer: number
      readonly count: number
      readonly sizeBytes: number
      readonly compression: CompressionType
    }
  | {
      readonly type: 'end transaction'
      readonly to: number
      readonly producer: number
      readonly result: 'commit' | 'abort'
    }
  /** In the place of a step that was left out: the others keep theirs. */
  | { readonly type: 'nothing' }
  /** The turn of the event loop ends: what was appended is written, and a group goes to the journal. */
  | { readonly type: 'turn' }
  /** Some syncs that were under way end, in any order. */
  | { readonly type: 'some syncs'; readonly seed: number }
  | { readonly type: 'rest' }
  /** Time passes: segments are synced, checkpoints written, segments deleted and compacted. */
  | { readonly type: 'wait'; readonly ms: number }
  | { readonly type: 'delete records'; readonly to: number; readonly share: number }
  | { readonly type: 'turn flush mode' }
  | { readonly type: 'read'; readonly to: number }
  | { readonly type: 'fill disk' }
  | { readonly type: 'free disk' }
  | { readonly type: 'fail write'; readonly to: number }
  | {
      readonly type: 'fail sync'
      readonly of: 'journal' | 'segment' | 'any'
      readonly seed: number
    }
  /** The process ends without a word, and another starts. */
  | { readonly type: 'kill' }
  /** A clean stop, and a start. */
  | { readonly type: 'restart' }

export interface PlanSettings {
  readonly segmentBytes: number
  readonly indexIntervalBytes: number
  readonly inlineBytesMax: number
  readonly unsyncedBytes: number
  readonly journalFileBytes: number
  readonly journalFileCountMax: number
  readonly flushMessages: number
  readonly flushMs: number
  readonly retentionBytes: number
  readonly retentionMs: number
  readonly fileDeleteDelayMs: number
  readonly checkpointIntervalMs: number
  readonly tailCacheBytes: number
  readonly recoveryMarkBytes: number
  /** `held`: a sync ends when a step says so. */
  readonly syncs: 'at once' | 'held'
  /** The thread pool writes all of the segments, and a write ends when a step says so. At once without. */
  readonly writes?: 'in the pool'
}

export interface CrashPlan {
  /** Where among the operations that follow the thirtieth step: 0 to 1. */
  readonly share: number
  /** How likely an operation that was not synced is on the disk; the others are lost or torn. */
  readonly keptShare: number
  readonly seed: number
  /** The power goes again during the recovery. */
  readonly again: 'never' | 'in the recovery'
  /** A byte that was durable changes while there is no power. */
  readonly rot: 'none' | 'one byte'
  /** What follows when all was looked at. */
  readonly afterwards: 'nothing' | 'second recovery' | 'more appends'
}

export interface PowerPlan {
  readonly settings: PlanSettings
  readonly steps: readonly PowerStep[]
  readonly crash: CrashPlan
}

/** The crash comes after this many steps. */
export const STEPS_BEFORE_CRASH = 30

/** More than any segment of a run holds. */
export const NO_MARKS = 64 * 1024 * 1024

const codings: readonly CompressionType[] = [
  ...Array<CompressionType>(12).fill('none'),
  ...(['gzip', 'snappy', 'lz4', 'zstd'] as const),
]

export function planOf(seed: number): PowerPlan {
  const random = memoryRandom(seed)
  const steps = Array.from({ length: STEPS_BEFORE_CRASH + 4 + random.below(16) }, () =>
    stepOf(random),
  )
  const settings = settingsOf(random)
  const crash = crashOf(random)
  // Drawn last: the seeds that are known go on to mean what they meant.
  const writes = random.below(3) === 0 ? ({ writes: 'in the pool' } as const) : {}
  const recoveryMarkBytes = pick(random, [150, 500, NO_MARKS])
  return { settings: { ...settings, ...writes, recoveryMarkBytes }, steps, crash }
}

function pick<Value>(random: Random, values: readonly Value[]): Value {
  return values[random.below(values.length)] as Value
}

function settingsOf(random: Random): Omit<PlanSettings, 'recoveryMarkBytes'> {
  return {
    segmentBytes: pick(random, [600, 1_200, 3_000]),
    indexIntervalBytes: pick(random, [1, 150, 4_096]),
    inlineBytesMax: pick(random, [150, 500, 65_536]),
    unsyncedBytes: pick(random, [1, 1_500, 2 ** 30]),
    journalFileBytes: pick(random, [16_384, 16_384, 65_536]),
    journalFileCountMax: pick(random, [2, 3]),
    flushMessages: pick(random, [1, 4, Number.MAX_SAFE_INTEGER]),
    flushMs: pick(random, [1_000, Number.MAX_SAFE_INTEGER]),
    retentionBytes: pick(random, [-1, 1_500]),
    retentionMs: pick(random, [-1, -1, 60_000]),
    fileDeleteDelayMs: pick(random, [0, 60_000]),
    checkpointIntervalMs: pick(random, [5_000, 60_000, 10_000_000]),
    tailCacheBytes: pick(random, [1, 4_000, 1_000_000]),
    syncs: pick(random, ['at once', 'held', 'held']),
  }
}

function crashOf(random: Random): CrashPlan {
  return {
    share: random.below(10_001) / 10_000,
    keptShare: pick(random, [0, 0.1, 0.5, 0.9, 0.98, 1]),
    seed: 1 + random.below(2 ** 30),
    again: random.below(4) === 0 ? 'in the recovery' : 'never',
    rot: random.below(8) === 0 ? 'one byte' : 'none',
    afterwards: pick(random, ['nothing', 'second recovery', 'second recovery', 'more appends']),
  }
}

function stepOf(random: Random): PowerStep {
  const to = random.below(PARTITIONS.length)
  const choice = random.below(100)
  if (choice < 44) return appendOf(random, to)
  if (choice < 50) {
    const producer = 3 + random.below(2)
    return { type: 'end transaction', to, producer, result: pick(random, ['commit', 'abort']) }
  }
  if (choice < 62) return { type: 'turn' }
  if (choice < 72) return { type: 'some syncs', seed: 1 + random.below(2 ** 30) }
  if (choice < 78) return { type: 'rest' }
  if (choice < 87) return { type: 'wait', ms: pick(random, [300, 1_100, 16_000, 31_000, 301_000]) }
  if (choice < 89) return { type: 'delete records', to, share: random.below(101) / 100 }
  if (choice < 91) return { type: 'turn flush mode' }
  if (choice < 93) return { type: 'read', to }
  if (choice < 94) return { type: 'fill disk' }
  if (choice < 95) return { type: 'free disk' }
  if (choice < 96) return { type: 'fail write', to }
  if (choice < 97) {
    const of = pick(random, ['journal', 'segment', 'segment', 'any'] as const)
    return { type: 'fail sync', of, seed: 1 + random.below(2 ** 30) }
  }
  return { type: choice < 98 ? 'kill' : 'restart' }
}

function appendOf(random: Random, to: number): PowerStep {
  return {
    type: 'append',
    to,
    producer: random.below(PRODUCERS.length),
    count: 1 + random.below(3),
    sizeBytes: pick(random, [0, 0, 30, 200, 500]),
    compression: pick(random, codings),
  }
}
