/** Damages a log in every way, starts on it, and compares what comes back with what has to; then starts again on what that left. */
import { DiskImage } from '../../support/disk-image.ts'
import { quietWorld } from '../../support/journal-world.ts'
import { openHarness } from '../../support/log-harness.ts'
import { ModelDisk } from '../../support/model-disk.ts'
import { type Damage, damagesOf, uncoveredField, type Verdict, verdictOf } from './damages.ts'
import {
  batchesIn,
  contentOf,
  type Kind,
  logsIn,
  lookingAt,
  makeSubject,
  type Subject,
} from './subject.ts'

export interface EveryByteOptions {
  /** Every so many damages only. */
  readonly step: number
  readonly log: (line: string) => void
}

/** Throws at the first damage of which something else comes; returns how many were tried. */
export async function damageEveryByte(
  kind: Kind,
  { step, log }: EveryByteOptions,
): Promise<number> {
  const subject = await makeSubject(kind)
  const counts = new Map<string, number>()
  let cases = 0
  let index = 0
  for (const damage of damagesOf(subject)) {
    if (index++ % step !== 0) continue
    const outcome = await outcomeOf(subject, damage)
    counts.set(outcome, (counts.get(outcome) ?? 0) + 1)
    cases += 1
  }
  log(
    `a ${kind} log of ${subject.batches.length} batches, durable up to ${subject.durableEnd} of ${subject.endOffset}: ${cases} cases`,
  )
  for (const [outcome, count] of [...counts].sort()) log(`  ${count} ${outcome}`)
  return cases
}

/** What a start makes of the image. */
interface Started {
  readonly isOffline: boolean
  readonly endOffset: number
  /** By name; of segments alone. */
  readonly bytes: ReadonlyMap<string, string>
  readonly left: DiskImage
  readonly otherIsWhole: boolean
}

async function start(subject: Subject, image: DiskImage): Promise<Started> {
  const disk = new ModelDisk(image)
  const broker = await openHarness(quietWorld(disk), { ...lookingAt(subject.kind), leaderEpoch: 1 })
  const partition = broker.partition()
  const left = new DiskImage(disk.image)
  const other = broker.partition(1)
  return {
    isOffline: partition.isOffline,
    endOffset: partition.isOffline ? -1 : partition.logEndOffset,
    bytes: new Map(
      logsIn(left)
        .map(path => [path, contentOf(left, path).toString('base64')] as const)
        .filter(([, bytes]) => bytes !== ''),
    ),
    left,
    otherIsWhole: !other.isOffline && other.logEndOffset > 0,
  }
}

async function outcomeOf(subject: Subject, damage: Damage): Promise<string> {
  const image = new DiskImage(subject.image)
  const file = new ModelDisk(image)
  file.openNow(damage.path, 'truncate').appendNow([damage.content])
  const damaged = new DiskImage(file.image)
  const told = `${damage.kind} at ${damage.path}:${damage.position}`
  const first = await start(subject, damaged).catch((error: unknown) => {
    throw new Error(`${told}: a start ended`, { cause: error })
  })
  const verdict = verdictOf(subject, damage)
  const wrong = wrongWith(subject, { damage, damaged }, verdict, first)
  if (!first.otherIsWhole) throw new Error(`${told}: another partition is not served`)
  const second = await start(subject, first.left)
  if (second.endOffset !== first.endOffset || !isSame(second.bytes, first.bytes))
    throw new Error(`${told}: a second recovery changes something`)
  const area = verdict.type === 'ends' ? 'ends before it' : verdict.type
  if (wrong === undefined) return `${damage.kind}: ${area}`
  const field = uncoveredField(subject, damage)
  if (field === undefined)
    throw new Error(`${told}: should be ${JSON.stringify(verdict)}: ${wrong}`)
  return `${damage.kind} unnoticed: no checksum covers the ${field}`
}

/** Why what came back is not what the verdict says. */
function wrongWith(
  subject: Subject,
  { damage, damaged }: { readonly damage: Damage; readonly damaged: DiskImage },
  verdict: Verdict,
  found: Started,
): string | undefined {
  if (verdict.type === 'offline') {
    if (!found.isOffline) return `is served up to ${found.endOffset}`
    return isUntouched(subject, damage.path, { damaged, left: found.left })
      ? undefined
      : 'its bytes were touched'
  }
  if (found.isOffline) return 'is offline'
  const endOffset = verdict.type === 'ends' ? verdict.at : subject.endOffset
  if (found.endOffset !== endOffset) return `ends at ${found.endOffset}`
  if (verdict.type === 'not looked at') return undefined
  const kept = subject.batches.filter(({ baseOffset }) => baseOffset < endOffset)
  const { length } = batchesIn(found.left)
  if (length !== kept.length) return `has ${length} batches`
  for (const batch of kept) {
    const { path, position, endPosition } = batch
    const bytes = contentOf(found.left, path).subarray(position, endPosition)
    if (!bytes.equals(contentOf(subject.image, path).subarray(position, endPosition)))
      return `the batch at ${batch.baseOffset} is another one`
  }
  return undefined
}

/** Every byte is as it was, but for those that the journal holds, which is dropped, and so has put them back. */
function isUntouched(
  subject: Subject,
  path: string,
  { damaged, left }: { readonly damaged: DiskImage; readonly left: DiskImage },
): boolean {
  const before = Buffer.from(contentOf(damaged, path))
  const after = Buffer.from(contentOf(left, path).subarray(0, before.length))
  for (const held of subject.journaled) {
    if (held.path !== path) continue
    const end = Math.min(before.length, held.endPosition)
    if (held.position < end) for (const bytes of [before, after]) bytes.fill(0, held.position, end)
  }
  return after.equals(before)
}

/** An empty segment file says nothing; a start removes it. */
const isSame = (one: ReadonlyMap<string, string>, other: ReadonlyMap<string, string>): boolean =>
  one.size === other.size && [...one].every(([path, bytes]) => other.get(path) === bytes)
