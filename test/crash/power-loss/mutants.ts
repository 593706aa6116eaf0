/**
 * A disk, or a file on it, that breaks one rule of durability, one at a time. The proof has to notice each: what breaks unnoticed is not
 * proven. The rule is broken below the broker's own code, so that what is tried is the code that ships.
 */
import { crc32c } from '@varve/protocol'
import {
  DURABLE_BYTES,
  GROUP_HEADER_BYTES,
} from '../../../packages/broker/src/log/journal/group.ts'
import type { Neglected } from '../../support/model-disk.ts'
import type { PowerPlan, PowerStep } from './plan.ts'
import type { Mutation } from './run.ts'

export interface Mutant {
  readonly mutate: Mutation
  /** Runs in which the rule matters; as they are drawn, if left out. */
  readonly tune?: (plan: PowerPlan) => PowerPlan
}

const neglecting =
  (call: Neglected, where: RegExp): Mutation =>
  disk => {
    disk.neglects = (neglected, path) => neglected === call && where.test(path)
  }

/** Whatever is not durable is lost. */
const losingAll = (plan: PowerPlan): PowerPlan => ({
  ...plan,
  crash: { ...plan.crash, keptShare: 0, rot: 'none' },
})

/** A sync fails shortly before the power goes, and the broker that starts in between finds its cache whole or not. */
const failingSync = (of: 'journal' | 'segment') => (plan: PowerPlan) => {
  const failure: PowerStep = { type: 'fail sync', of, seed: plan.crash.seed }
  return losingAll({ ...plan, steps: plan.steps.with(28, failure) })
}

/** A byte rots in what no checkpoint speaks of yet, and of what the journal holds nothing but that it was there. */
const rotting = (plan: PowerPlan): PowerPlan => ({
  settings: { ...plan.settings, inlineBytesMax: 150, checkpointIntervalMs: 10_000_000 },
  steps: plan.steps,
  crash: { ...plan.crash, rot: 'one byte' },
})

export const mutants: Readonly<Record<string, Mutant>> = {
  'the journal is not synced': {
    mutate: neglecting('sync', /\.journal$/),
    tune: losingAll,
  },
  'segments are not synced': { mutate: neglecting('sync', /\.log$/), tune: losingAll },
  'checkpoints and snapshots are renamed before they are synced': {
    mutate: neglecting('sync', /\.tmp$/),
  },
  'the data folder is not synced': {
    mutate: neglecting('sync directory', /^\/data$/),
    tune: losingAll,
  },
  'the folders of partitions are not synced': {
    mutate: neglecting('sync directory', /-\d$/),
    tune: losingAll,
  },
  'the folder of the journal is not synced': {
    mutate: neglecting('sync directory', /__journal$/),
    tune: losingAll,
  },
  'a failed sync of the journal is taken for one that is to be tried again': {
    mutate: neglecting('failure of a sync', /\.journal$/),
    tune: failingSync('journal'),
  },
  'a failed sync of a segment is taken for one that is to be tried again': {
    mutate: neglecting('failure of a sync', /\.log$/),
    tune: failingSync('segment'),
  },
  'what a failed sync has dropped is not written again': {
    mutate: neglecting('rewrite', /\.log$/),
    tune: failingSync('segment'),
  },
  'the journal does not carry durable offsets forward': {
    mutate: disk => {
      disk.alters = withoutDurableOffsets
    },
    tune: rotting,
  },
}

const BODY_BYTES_AT = 40
const BODY_CRC_AT = 44
const DURABLE_COUNT_AT = 48
const GROUP_MAGIC = Buffer.from('VRVJ')

/** The same group, but for what it says of those before it. */
function withoutDurableOffsets(path: string, group: Buffer): Buffer {
  if (!path.endsWith('.journal') || !group.subarray(0, 4).equals(GROUP_MAGIC)) return group
  const bodyStart = GROUP_HEADER_BYTES + group.readUInt32BE(DURABLE_COUNT_AT) * DURABLE_BYTES
  const body = group.subarray(bodyStart, GROUP_HEADER_BYTES + group.readUInt32BE(BODY_BYTES_AT))
  const altered = Buffer.alloc(group.length)
  group.copy(altered, 0, 0, GROUP_HEADER_BYTES)
  body.copy(altered, GROUP_HEADER_BYTES)
  altered.writeUInt32BE(body.length, BODY_BYTES_AT)
  altered.writeUInt32BE(crc32c(body, 0, body.length), BODY_CRC_AT)
  altered.writeUInt32BE(0, DURABLE_COUNT_AT)
  altered.writeUInt32BE(crc32c(altered, 8, GROUP_HEADER_BYTES), 4)
  return altered
}
