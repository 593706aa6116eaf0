/**
 * A short life of the storage engine with everything in it: appends, groups, rolls, checkpoints, a compaction, deleted records and segments, a
 * clean stop and a start. The power goes between every two operations of the disk, and again between every two of the recovery.
 */
import { ModelDisk } from '../../support/model-disk.ts'
import type { PlanSettings, PowerStep } from '../power-loss/plan.ts'
import { PowerRun } from '../power-loss/run.ts'
import { contentOf, keepsItsWord, same, survivalOf } from '../power-loss/run-plan.ts'

const settings: PlanSettings = {
  segmentBytes: 600,
  indexIntervalBytes: 150,
  inlineBytesMax: 400,
  unsyncedBytes: 900,
  journalFileBytes: 16_384,
  journalFileCountMax: 2,
  flushMessages: 4,
  flushMs: 1_000,
  retentionBytes: 1_500,
  retentionMs: -1,
  fileDeleteDelayMs: 1_000,
  checkpointIntervalMs: 5_000,
  tailCacheBytes: 1,
  recoveryMarkBytes: 300,
  syncs: 'at once',
}

const append = (to: number, producer: number, sizeBytes: number): PowerStep => ({
  ...{ type: 'append', to, producer, count: 2, sizeBytes, compression: 'none' },
})
const coded = (to: number, compression: 'gzip' | 'snappy' | 'lz4' | 'zstd'): PowerStep => ({
  ...{ type: 'append', to, producer: 1, count: 3, sizeBytes: 60, compression },
})
const rest: PowerStep = { type: 'rest' }

const round: readonly PowerStep[] = [
  ...[append(0, 0, 30), append(2, 2, 40), append(4, 1, 90), append(3, 0, 20), rest],
  ...[coded(0, 'gzip'), coded(1, 'snappy'), coded(4, 'lz4'), coded(4, 'zstd'), rest],
  ...[append(0, 3, 20), append(0, 4, 200), append(4, 2, 90), rest],
  ...[{ type: 'end transaction', to: 0, producer: 3, result: 'abort' } as const, rest],
  ...[append(4, 0, 120), append(1, 4, 250), { type: 'wait', ms: 16_000 } as const],
  { type: 'end transaction', to: 1, producer: 4, result: 'commit' },
  ...[append(4, 1, 150), append(0, 1, 250), rest, { type: 'wait', ms: 16_000 } as const],
]

const life: readonly PowerStep[] = [
  ...round,
  { type: 'turn flush mode' },
  { type: 'delete records', to: 0, share: 0.6 },
  { type: 'wait', ms: 301_000 },
  rest,
  { type: 'restart' },
  ...round,
  { type: 'turn flush mode' },
  { type: 'delete records', to: 1, share: 0.5 },
  { type: 'wait', ms: 301_000 },
  rest,
]

/** How likely an operation that was not synced survives. */
const KEPT_SHARES = [0, 1, 0.5, 0.9] as const

/** The recovery from every so many crashes is crashed, too, each time with another share. */
const EVERY_NTH_RECOVERY = 16

export interface EveryOperationOptions {
  /** Every so many operations only. */
  readonly step: number
  readonly log: (line: string) => void
}

/** Throws at the first crash after which something is not as it was promised. */
export async function crashAtEveryOperation({ step, log }: EveryOperationOptions): Promise<number> {
  const run = new PowerRun(settings, keepsItsWord)
  await run.open()
  const from = run.engine.at
  for (const todo of life) await run.take(todo)
  const { disk } = run.engine
  log(kindsOf(disk, from))
  let crashes = 0
  let again = 0
  for (let count = from; count <= disk.operations.length; count += step) {
    for (const [index, keptShare] of KEPT_SHARES.entries()) {
      const crashed = await crashedAt(run, count, keptShare)
      crashes += 1
      const isTurn = ((count - from) / step) % EVERY_NTH_RECOVERY === index
      if (isTurn) again += await crashTheRecovery(crashed, { step, keptShare })
    }
  }
  log(`${crashes} crashes between operations, ${again} more in the recoveries from them`)
  return crashes + again
}

async function crashedAt(run: PowerRun, count: number, keptShare: number): Promise<PowerRun> {
  const crashed = run.fork()
  const image = run.engine.disk.imageAfter(count, survivalOf(count, keptShare))
  try {
    await crashed.startAfterPowerLoss(count, new ModelDisk(image), undefined)
  } catch (error) {
    throw new Error(`after operation ${count}, of which ${keptShare} survives`, { cause: error })
  }
  return crashed
}

/** Whatever happens to the recovery, the next one comes to the same bytes. */
async function crashTheRecovery(
  recovered: PowerRun,
  { step, keptShare }: { readonly step: number; readonly keptShare: number },
): Promise<number> {
  const wanted = contentOf(recovered)
  let crashes = 0
  const { length } = recovered.engine.disk.operations
  for (let count = 0; count <= length; count += step) {
    const again = await crashedAt(recovered, count, keptShare)
    same(wanted, contentOf(again), `when the recovery stopped after ${count} operations`)
    crashes += 1
  }
  return crashes
}

/** What the operations were, so that nobody wonders what a crash may have come between. */
function kindsOf(disk: ModelDisk, from: number): string {
  const kinds = new Map<string, number>()
  for (const { type, path } of disk.operations.slice(from)) {
    const kind = `${type} ${/[^/.]*$/.exec(path)?.[0] ?? ''}`
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1)
  }
  const told = [...kinds].map(([kind, count]) => `${count} ${kind}`)
  return `${disk.operations.length - from} operations: ${told.join(', ')}`
}
