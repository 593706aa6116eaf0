/**
 * The same for the journal: its file is cut at every byte, and every byte of its groups changed, once with segments that hold nothing, so that
 * all depends on it, and once with segments that are whole.
 */
import {
  aligned,
  decodeBody,
  decodeHeader,
  GROUP_HEADER_BYTES,
} from '../../../packages/broker/src/log/journal/group.ts'
import { DiskImage } from '../../support/disk-image.ts'
import { quietWorld } from '../../support/journal-world.ts'
import { DATA, type HarnessOptions, openHarness } from '../../support/log-harness.ts'
import { ModelDisk } from '../../support/model-disk.ts'
import { contentOf, Writer } from './subject.ts'

const JOURNAL = `${DATA}/__journal/00000001.journal`
const PARTITIONS = [0, 1] as const
/** Padding is no part of a group: some of its bytes stand for all. */
const PADDING_STEP = 97

const options: HarnessOptions = {
  partitions: PARTITIONS.length,
  settings: { segmentBytes: 500 },
  journalLimits: { firstFileBytes: 128 * 1024, fileBytes: 128 * 1024 },
}

/** What a group made durable: of each partition from where to where. */
interface Group {
  readonly position: number
  readonly endPosition: number
  readonly alignedEnd: number
  readonly entries: readonly { partition: number; baseOffset: number; endOffset: number }[]
}

interface Journaled {
  readonly image: DiskImage
  readonly journal: Buffer
  readonly groups: readonly Group[]
}

type Wanted = readonly (number | 'offline')[]

export interface EveryJournalByteOptions {
  readonly step: number
  readonly log: (line: string) => void
}

/** Throws at the first damage of which something else comes; returns how many were tried. */
export async function damageTheJournal({ step, log }: EveryJournalByteOptions): Promise<number> {
  const whole = await makeJournal()
  const counts = new Map<string, number>()
  const note = (outcome: string) => counts.set(outcome, (counts.get(outcome) ?? 0) + 1)
  let cases = 0
  for (const segments of ['empty', 'whole'] as const) {
    let index = 0
    for (const { kind, hit, content } of damagesOf(whole)) {
      if (index++ % step !== 0) continue
      const wanted = wantedOf(whole, segments === 'whole' ? { ...hit, type: 'nothing' } : hit)
      const told = `${kind} at ${hit.position} of the journal, segments ${segments}`
      await compare(whole, { segments, content, told }, wanted)
      const outcome = segments === 'whole' ? 'whole' : nameOf(whole, hit, wanted)
      note(`segments ${segments}, ${kind}: ${outcome}`)
      cases += 1
    }
  }
  log(`a journal of ${whole.groups.length} groups: ${cases} cases`)
  for (const [outcome, count] of [...counts].sort()) log(`  ${count} ${outcome}`)
  return cases
}

async function makeJournal(): Promise<Journaled> {
  const disk = new ModelDisk(new DiskImage())
  const broker = await openHarness(quietWorld(disk), options)
  const writers = PARTITIONS.map(index => new Writer(broker.partition(index)))
  for (let round = 0; round < 2; round++) {
    for (const writer of writers) {
      writer.round()
      await broker.flush()
    }
    for (const writer of writers) writer.append(-1, 'plain')
    await broker.flush()
    for (const writer of writers) writer.append(7, 'plain')
    await broker.flush()
    writers[0]?.append(-1, 'plain')
    await broker.flush()
  }
  const image = new DiskImage(disk.image)
  const journal = Buffer.from(contentOf(image, JOURNAL))
  return { image, journal, groups: groupsIn(journal) }
}

function groupsIn(journal: Buffer): Group[] {
  const groups: Group[] = []
  for (let position = 0; position < journal.length; ) {
    const header = decodeHeader(journal, position)
    if (header === undefined) break
    const endPosition = position + GROUP_HEADER_BYTES + header.bodyBytes
    const body = journal.subarray(position + GROUP_HEADER_BYTES, endPosition)
    const entries = decodeBody(header, body)?.entries ?? []
    const alignedEnd = position + aligned(endPosition - position)
    groups.push({ position, endPosition, alignedEnd, entries })
    position = alignedEnd
  }
  return groups
}

/** Which groups are no more. */
type Hit = { readonly position: number } & (
  | { readonly type: 'nothing' }
  | { readonly type: 'one group'; readonly index: number }
  | { readonly type: 'all from'; readonly index: number }
)

interface JournalDamage {
  readonly kind: 'cut' | 'flip' | 'zeroed sector' | 'garbage behind'
  readonly hit: Hit
  readonly content: Buffer
}

function* damagesOf({ journal, groups }: Journaled): Iterable<JournalDamage> {
  for (const [index, { position, endPosition, alignedEnd }] of groups.entries()) {
    for (let at = position; at < alignedEnd; at += at < endPosition ? 1 : PADDING_STEP) {
      const isInside = at < endPosition
      const cut: Hit = { type: 'all from', position: at, index: isInside ? index : index + 1 }
      yield { kind: 'cut', hit: cut, content: journal.subarray(0, at) }
      const flipped = Buffer.from(journal)
      flipped[at] = (flipped[at] as number) ^ 0xff
      const type = isInside ? 'one group' : 'nothing'
      yield { kind: 'flip', hit: { type, position: at, index }, content: flipped }
    }
    for (let at = position; at < endPosition; at += 512) {
      const zeroed = Buffer.from(journal).fill(0, at, at + 512)
      const hit: Hit = { type: 'one group', position: at, index }
      yield { kind: 'zeroed sector', hit, content: zeroed }
    }
  }
  for (const size of [1, 63, 64, 4095, 4096, 8192]) {
    const hit: Hit = { type: 'nothing', position: journal.length }
    yield {
      kind: 'garbage behind',
      hit,
      content: Buffer.concat([journal, Buffer.alloc(size, 0x56)]),
    }
  }
}

/** A group that is missing before a later one is corruption for whom it concerns; at the end it was never acknowledged. */
function wantedOf({ groups }: Journaled, hit: Hit): Wanted {
  return PARTITIONS.map(partition => {
    let end = 0
    for (const [index, { entries }] of groups.entries()) {
      const own = entries.filter(entry => entry.partition === partition)
      const isLost =
        (hit.type === 'one group' && hit.index === index) ||
        (hit.type === 'all from' && index >= hit.index)
      if (isLost && own.length > 0 && hit.type === 'one group' && index < groups.length - 1)
        return 'offline'
      if (!isLost) end = own.at(-1)?.endOffset ?? end
    }
    return end
  })
}

async function compare(
  { image, journal, groups }: Journaled,
  damage: {
    readonly segments: 'empty' | 'whole'
    readonly content: Buffer
    readonly told: string
  },
  wanted: Wanted,
): Promise<void> {
  const damaged = new DiskImage(image)
  if (damage.segments === 'empty')
    for (const path of [...damaged.names.keys()])
      if (/\/\d{20}\.[a-z]+$/.test(path)) damaged.names.delete(path)
  const disk = new ModelDisk(damaged)
  disk.openNow(JOURNAL, 'truncate').appendNow([damage.content])
  const first = await startOn(new DiskImage(disk.image))
  if (String(first.found) !== String(wanted))
    throw new Error(
      `${damage.told}: found ${String(first.found)}, not ${String(wanted)} (${groups.length} groups, ${journal.length} bytes)`,
    )
  const second = await startOn(first.left)
  if (String(second.found) !== String(first.found) || second.bytes !== first.bytes)
    throw new Error(`${damage.told}: a second recovery changes something`)
}

async function startOn(image: DiskImage) {
  const disk = new ModelDisk(image)
  const broker = await openHarness(quietWorld(disk), { ...options, leaderEpoch: 1 })
  const partitions = PARTITIONS.map(index => broker.partition(index))
  const left = new DiskImage(disk.image)
  const logs = [...left.names].filter(([path]) => path.endsWith('.log')).sort()
  const found = partitions.map(partition =>
    partition.isOffline ? 'offline' : partition.logEndOffset,
  )
  const bytes = logs
    .map(([path, inode]) => [path, left.content(inode).toString('base64')] as const)
    .filter(([, content]) => content !== '')
    .join()
  return { found, left, bytes }
}

function nameOf({ groups }: Journaled, hit: Hit, wanted: Wanted): string {
  if (hit.type === 'nothing') return 'whole: no checksum covers what is behind a group'
  if (wanted.includes('offline')) return 'offline whom the group concerns'
  const isLast = hit.type === 'one group' && hit.index === groups.length - 1
  return isLast ? 'ends before the last group' : 'what the groups before it hold'
}
