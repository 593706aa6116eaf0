/** Runs that once failed, made shorter: each is a bug that was found by a seed. */
import { NO_MARKS, type PlanSettings, type PowerPlan, type PowerStep } from './plan.ts'

const settings: PlanSettings = {
  segmentBytes: 600,
  indexIntervalBytes: 1,
  inlineBytesMax: 65_536,
  unsyncedBytes: 1,
  journalFileBytes: 65_536,
  journalFileCountMax: 3,
  flushMessages: Number.MAX_SAFE_INTEGER,
  flushMs: Number.MAX_SAFE_INTEGER,
  retentionBytes: -1,
  retentionMs: -1,
  fileDeleteDelayMs: 60_000,
  checkpointIntervalMs: 60_000,
  tailCacheBytes: 4_000,
  recoveryMarkBytes: NO_MARKS,
  syncs: 'held',
}

const crash: PowerPlan['crash'] = {
  share: 1,
  keptShare: 0,
  seed: 1,
  again: 'never',
  rot: 'none',
  afterwards: 'second recovery',
}

const append = (to: number, producer: number, count: number, sizeBytes: number): PowerStep => ({
  ...{ type: 'append', to, producer, count, sizeBytes, compression: 'none' },
})

const coded = (to: number, producer: number, count: number, sizeBytes: number): PowerStep => ({
  ...{ type: 'append', to, producer, count, sizeBytes, compression: 'gzip' },
})

export const keptPlans: Readonly<Record<string, PowerPlan>> = {
  'a segment is rolled where the recovery point is, and its index of aborted transactions has no name yet':
    {
      settings,
      steps: [
        append(0, 1, 3, 30),
        append(0, 3, 2, 0),
        { type: 'end transaction', to: 0, producer: 3, result: 'abort' },
        { type: 'rest' },
        { type: 'wait', ms: 31_000 },
        append(0, 0, 1, 450),
        { type: 'rest' },
      ],
      crash: { ...crash, share: 0.5, keptShare: 0.9 },
    },
  'everything expires while the disk is full, and an append is refused meanwhile': {
    settings: { ...settings, segmentBytes: 1_200, retentionMs: 60_000 },
    steps: [
      append(1, 3, 2, 200),
      { type: 'rest' },
      { type: 'wait', ms: 300 },
      { type: 'rest' },
      { type: 'fill disk' },
      { type: 'wait', ms: 301_000 },
      append(1, 2, 2, 0),
      { type: 'rest' },
      { type: 'kill' },
    ],
    crash,
  },
  'a log is recovered, and its first segment deleted before another snapshot is taken': {
    settings: {
      ...settings,
      indexIntervalBytes: 4_096,
      unsyncedBytes: 1_500,
      retentionBytes: 1_500,
    },
    steps: [
      append(1, 3, 2, 200),
      { type: 'wait', ms: 31_000 },
      append(1, 3, 1, 200),
      { type: 'fail sync', of: 'segment', seed: 1_051_783_456 },
      { type: 'delete records', to: 1, share: 0.7 },
      { type: 'wait', ms: 31_000 },
      { type: 'rest' },
    ],
    crash,
  },
  'a log is compacted before the snapshot behind it is written': {
    settings: {
      ...settings,
      segmentBytes: 1_200,
      indexIntervalBytes: 4_096,
      unsyncedBytes: 1_500,
      journalFileBytes: 16_384,
      journalFileCountMax: 2,
    },
    steps: [
      append(4, 2, 2, 0),
      append(4, 3, 3, 200),
      append(4, 2, 1, 0),
      append(4, 1, 1, 0),
      coded(4, 4, 3, 500),
      coded(4, 3, 3, 200),
      { type: 'fail sync', of: 'journal', seed: 702_743_373 },
      { type: 'wait', ms: 31_000 },
      append(4, 0, 2, 500),
      { type: 'rest' },
    ],
    crash: { ...crash, keptShare: 0.9, afterwards: 'more appends' },
  },
  'a log is rolled, killed before the snapshot is written, and its first segment deleted': {
    settings: {
      ...settings,
      segmentBytes: 3_000,
      indexIntervalBytes: 4_096,
      retentionBytes: 1_500,
    },
    steps: [
      append(1, 3, 3, 500),
      { type: 'turn' },
      { type: 'kill' },
      append(1, 0, 3, 500),
      { type: 'wait', ms: 300 },
      { type: 'kill' },
      { type: 'wait', ms: 31_000 },
      { type: 'rest' },
      { type: 'restart' },
    ],
    crash,
  },
  'a byte rots below the recovery point, and a segment is rolled there whose snapshot is not written yet':
    {
      settings: { ...settings, inlineBytesMax: 500, checkpointIntervalMs: 5_000 },
      steps: [
        append(0, 3, 1, 0),
        { type: 'restart' },
        append(0, 0, 1, 500),
        { type: 'wait', ms: 301_000 },
        { type: 'rest' },
      ],
      crash: { ...crash, rot: 'one byte', afterwards: 'more appends' },
    },
  'the first segment of a log loses all that was in it, and the next one does not': {
    settings: {
      ...settings,
      indexIntervalBytes: 4_096,
      inlineBytesMax: 150,
      journalFileCountMax: 2,
      retentionMs: 60_000,
      checkpointIntervalMs: 5_000,
      tailCacheBytes: 1,
    },
    steps: [
      append(2, 3, 1, 30),
      append(3, 2, 3, 0),
      { type: 'wait', ms: 301_000 },
      { type: 'rest' },
      append(3, 1, 1, 500),
      coded(3, 3, 3, 500),
      { type: 'fail sync', of: 'segment', seed: 405_265_222 },
      append(3, 2, 3, 0),
    ],
    crash: { ...crash, keptShare: 0.9, again: 'in the recovery' },
  },
  'a partition is offline when the broker stops in order': {
    settings: { ...settings, inlineBytesMax: 150, journalFileCountMax: 2 },
    steps: [
      append(1, 3, 2, 0),
      { type: 'restart' },
      { type: 'end transaction', to: 1, producer: 3, result: 'abort' },
      { type: 'turn' },
      append(1, 3, 2, 0),
      { type: 'fail write', to: 1 },
      { type: 'restart' },
    ],
    crash: { ...crash, keptShare: 0.9, afterwards: 'more appends' },
  },
  'a start gives up what a log begins with, and the power goes as if that start had never been': {
    settings: { ...settings, segmentBytes: 3_000, inlineBytesMax: 150, tailCacheBytes: 1 },
    steps: [
      append(2, 3, 1, 500),
      { type: 'restart' },
      { type: 'append', to: 2, producer: 4, count: 2, sizeBytes: 500, compression: 'zstd' },
      { type: 'wait', ms: 301_000 },
      { type: 'delete records', to: 2, share: 0.84 },
      { type: 'fail sync', of: 'any', seed: 878_487_578 },
    ],
    crash: { ...crash, keptShare: 0.5, afterwards: 'more appends' },
  },
}
