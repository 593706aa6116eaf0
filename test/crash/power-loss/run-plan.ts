/** One run from its first step to its last look: the crash, and what may follow it. */
import { batchesOf } from '@varve/protocol'
import { memoryRandom } from '../../../packages/broker/src/memory/random.ts'
import type { DiskImage } from '../../support/disk-image.ts'
import { DATA } from '../../support/log-harness.ts'
import { type DiskOperation, ModelDisk, type Survival } from '../../support/model-disk.ts'
import { PARTITIONS, type PowerPlan, STEPS_BEFORE_CRASH } from './plan.ts'
import { type Counts, type Mutation, PowerRun, type Rot } from './run.ts'

export const keepsItsWord: Mutation = () => undefined
/** Below it a batch's bytes are covered by no checksum. */
const CRC_COVERS_FROM = 21

/** Runs a plan to its end. Throws at the first law that does not hold. */
export async function runPlan(plan: PowerPlan, mutate: Mutation = keepsItsWord): Promise<Counts> {
  const run = new PowerRun(plan.settings, mutate)
  await run.open()
  let floor = 0
  for (const [index, step] of plan.steps.entries()) {
    if (index === STEPS_BEFORE_CRASH) floor = run.engine.at
    await run.take(step)
  }
  const { crash } = plan
  const { disk } = run.engine
  const count = floor + Math.floor(crash.share * (disk.operations.length - floor))
  const image = disk.imageAfter(count, survivalOf(crash.seed, crash.keptShare))
  const rotten =
    crash.rot === 'one byte' ? rotIn(image, run, { count, seed: crash.seed }) : undefined
  const { rot } = rotten ?? {}
  await run.startAfterPowerLoss(count, new ModelDisk(rotten?.image ?? image), rot)
  if (rot === undefined) await afterCrash(run, plan)
  return run.counts
}

async function afterCrash(run: PowerRun, { crash, settings }: PowerPlan): Promise<void> {
  if (crash.again === 'in the recovery') {
    const before = contentOf(run)
    const { disk } = run.engine
    const count = memoryRandom(crash.seed).below(disk.operations.length + 1)
    await powerLossAt(run, count, crash)
    same(before, contentOf(run), 'when the recovery was interrupted')
  }
  if (crash.afterwards === 'second recovery') {
    const before = contentOf(run)
    await powerLossAt(run, run.engine.at, crash)
    same(before, contentOf(run), 'after a second recovery')
  }
  if (crash.afterwards !== 'more appends') return
  run.resend()
  for (let to = 0; to < PARTITIONS.length; to++) {
    const append = { type: 'append', to, count: 2, compression: 'none' } as const
    for (const producer of [0, 1, 4])
      await run.take({ ...append, producer, sizeBytes: settings.segmentBytes / 4 })
  }
  await run.take({ type: 'restart' })
  run.resend()
}

async function powerLossAt(run: PowerRun, count: number, crash: PowerPlan['crash']): Promise<void> {
  const fate = survivalOf(crash.seed + count, crash.keptShare)
  const image = run.engine.disk.imageAfter(count, fate)
  await run.startAfterPowerLoss(count, new ModelDisk(image), undefined)
}

/** What was not synced fares differently each time, and each time it is asked the same for the same seed. */
export function survivalOf(
  seed: number,
  keptShare: number,
): (operation: DiskOperation, index: number) => Survival {
  const random = memoryRandom(seed)
  const isKept = () => random.below(1_000) < keptShare * 1_000
  const sectors = () => (isKept() ? 'kept' : random.below(2) === 0 ? 'lost' : 'noise')
  return operation => {
    if (isKept()) return 'kept'
    if (operation.type !== 'write' || random.below(2) === 0) return 'lost'
    return random.below(2) === 0
      ? { firstBytes: random.below(operation.bytes.length + 1) }
      : { sectors }
  }
}

/** Changes one byte of a batch that was promised, in a log whose folder holds it. */
function rotIn(
  image: DiskImage,
  run: PowerRun,
  { count, seed }: { readonly count: number; readonly seed: number },
): { readonly image: DiskImage; readonly rot: Rot } | undefined {
  const random = memoryRandom(seed)
  const disk = new ModelDisk(image)
  const carriedBy = lastGroupBefore(run.engine.disk, count)
  const places: { path: string; position: number; rot: Rot }[] = []
  for (const [partition, history] of run.histories.entries()) {
    // What no journal knows of may be a torn tail as well.
    if (!run.neverRelaxed(partition)) continue
    const promised = history.carriedAt(carriedBy)
    for (const path of image.namesIn(`${DATA}/${history.name}`)) {
      if (!path.endsWith('.log')) continue
      for (const batch of wholeBatches(image.content(image.names.get(path) as number))) {
        if (batch.lastOffset >= promised) break
        const position = batch.position + CRC_COVERS_FROM + random.below(batch.sizeBytes - 21)
        places.push({ path, position, rot: { partition, promised } })
      }
    }
  }
  const place = places[random.below(Math.max(1, places.length))]
  if (place === undefined) return undefined
  const file = disk.openNow(place.path, 'existing')
  const byte = Buffer.alloc(1)
  file.readNow(place.position, byte)
  file.writeNow(place.position, [Buffer.of((byte[0] as number) ^ (1 << random.below(8)))])
  return { image: disk.imageAfter(1, () => 'kept'), rot: place.rot }
}

/** The operation that wrote the newest group of the journal that is durable: it carries what was acknowledged before it. */
function lastGroupBefore({ operations }: ModelDisk, count: number): number {
  let durable = 0
  let written = { index: 0, inode: 0 }
  for (const [index, operation] of operations.slice(0, count).entries()) {
    const isGroup = operation.type === 'write' && operation.bytes.subarray(0, 4).equals(GROUP_MAGIC)
    if (isGroup) written = { index, inode: operation.inode }
    const isSynced = operation.type === 'sync' && operation.inode === written.inode
    if (isSynced && operation.to > written.index) durable = written.index
  }
  return durable
}

const GROUP_MAGIC = Buffer.from('VRVJ')

function wholeBatches(content: Buffer) {
  const found: { position: number; baseOffset: number; lastOffset: number; sizeBytes: number }[] =
    []
  try {
    for (const batch of batchesOf(content)) {
      const { baseOffset, lastOffset, sizeBytes, endPosition } = batch
      found.push({ position: endPosition - sizeBytes, baseOffset, lastOffset, sizeBytes })
    }
  } catch {
    // A torn tail: what comes before it was found.
  }
  return found
}

/** The batches of every log, byte for byte, and where it begins and ends. */
export function contentOf(run: PowerRun): readonly string[] {
  const { image } = run.engine.disk
  return run.histories.map(({ name }, index) => {
    const { logStartOffset, logEndOffset } = run.engine.partition(index)
    const paths = image.namesIn(`${DATA}/${name}`).filter(path => path.endsWith('.log'))
    const bytes = paths.sort().map(path => image.content(image.names.get(path) as number))
    return `${logStartOffset}-${logEndOffset} ${Buffer.concat(bytes).toString('base64')}`
  })
}

export function same(before: readonly string[], after: readonly string[], when: string): void {
  const index = before.findIndex((content, at) => content !== after[at])
  if (index !== -1)
    throw new Error(
      `${PARTITIONS[index]?.topic}: other content ${when}: ${before[index]} became ${after[index]}`,
    )
}
