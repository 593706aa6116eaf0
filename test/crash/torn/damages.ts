/** Every damage of a segment file that the proof tries, and what has to become of it, found by nothing but where the batches lie. */
import { contentOf, logsIn, type Stored, type Subject } from './subject.ts'

export type DamageKind = 'cut' | 'flip' | 'zeroed sector' | 'garbage behind' | 'zeros behind'

export interface Damage {
  readonly kind: DamageKind
  readonly path: string
  /** The first byte that is not what it was. */
  readonly position: number
  /** The first byte that is what it was again; for something that was cut off, the end of the file. */
  readonly endPosition: number
  readonly content: Buffer
}

/** What a start may find. `not looked at`: the damage lies in a segment that was synced before the recovery point, and is left to the scrubber. */
export type Verdict =
  | { readonly type: 'whole' | 'offline' | 'not looked at' }
  | { readonly type: 'ends'; readonly at: number }

const SECTOR_BYTES = 512
/** From here on the checksum covers a batch, with the checksum itself. */
const CRC_FROM = 17
/** The epoch may be anything that is not less than the one before. */
const LEADER_EPOCH = { from: 12, to: 16 } as const

export function* damagesOf(subject: Subject): Iterable<Damage> {
  for (const path of logsIn(subject.image)) {
    const content = contentOf(subject.image, path)
    for (let size = 0; size < content.length; size++) {
      const cut = {
        position: size,
        endPosition: content.length,
        content: content.subarray(0, size),
      }
      yield { kind: 'cut', path, ...cut }
    }
    for (let position = 0; position < content.length; position++)
      for (const mask of [0xff, 1 << (position % 8)])
        yield flipped(path, content, { position, mask })
    for (let position = 0; position < content.length; position += SECTOR_BYTES) {
      const endPosition = Math.min(content.length, position + SECTOR_BYTES)
      const zeroed = Buffer.from(content).fill(0, position, endPosition)
      yield { kind: 'zeroed sector', path, position, endPosition, content: zeroed }
    }
    for (const size of [1, 2, 11, 12, 16, 17, 60, 61, 62, 100, 511, 512, 513, 4096, 8192]) {
      const garbage = Buffer.alloc(size).map((_, index) => (index * 151 + size) & 0xff)
      yield behind('garbage behind', path, content, garbage)
      yield behind('zeros behind', path, content, Buffer.alloc(size))
    }
  }
}

function flipped(
  path: string,
  content: Buffer,
  { position, mask }: { readonly position: number; readonly mask: number },
): Damage {
  const changed = Buffer.from(content)
  changed[position] = (changed[position] as number) ^ mask
  return { kind: 'flip', path, position, endPosition: position + 1, content: changed }
}

function behind(kind: DamageKind, path: string, content: Buffer, more: Uint8Array): Damage {
  const endPosition = content.length + more.length
  return {
    kind,
    path,
    position: content.length,
    endPosition,
    content: Buffer.concat([content, more]),
  }
}

/** L4, L5: the longest prefix of whole batches, or corruption when that is shorter than what was durable. */
export function verdictOf(subject: Subject, damage: Damage): Verdict {
  const { path, position, endPosition, kind } = damage
  const isScanned = baseOf(path) >= subject.scannedFrom
  if (kind === 'garbage behind' || kind === 'zeros behind')
    return { type: isScanned ? 'whole' : 'not looked at' }
  const hit = hitBy(subject, damage)
  const isHeld = subject.journaled.some(
    held => held.path === path && held.position <= position && endPosition <= held.endPosition,
  )
  const rest = remainder(subject, damage)
  if (isHeld || rest === undefined || isMadeWhole(subject, damage)) return { type: 'whole' }
  if (!isScanned) return { type: 'not looked at' }
  const first = hit ?? rest
  return first.baseOffset < subject.durableEnd
    ? { type: 'offline' }
    : { type: 'ends', at: first.baseOffset }
}

/** What was cut off before something that the journal holds comes back as zeros, and may have been zeros. */
function isMadeWhole({ image, journaled }: Subject, { path, content }: Damage): boolean {
  const original = contentOf(image, path)
  if (!journaled.some(held => held.path === path && held.position >= content.length)) return false
  const restored = Buffer.alloc(original.length)
  content.copy(restored)
  for (const held of journaled)
    if (held.path === path) original.copy(restored, held.position, held.position, held.endPosition)
  return restored.equals(original)
}

/** The first damaged batch that the journal does not put back. */
function remainder(subject: Subject, damage: Damage): Stored | undefined {
  return subject.batches.find(
    batch =>
      batch.path === damage.path &&
      batch.position < damage.endPosition &&
      batch.endPosition > damage.position &&
      !subject.journaled.some(
        held =>
          held.path === batch.path &&
          held.position <= batch.position &&
          batch.endPosition <= held.endPosition,
      ),
  )
}

function hitBy(subject: Subject, damage: Damage): Stored | undefined {
  return subject.batches.find(
    ({ path, endPosition }) => path === damage.path && endPosition > damage.position,
  )
}

/** The field of a batch header whose byte was flipped, when no checksum covers it. */
export function uncoveredField(subject: Subject, damage: Damage): string | undefined {
  if (damage.kind !== 'flip') return undefined
  const field = damage.position - (hitBy(subject, damage)?.position ?? 0)
  if (field >= CRC_FROM) return undefined
  if (field < 8) return 'base offset'
  if (field < LEADER_EPOCH.from) return 'batch length'
  return field < LEADER_EPOCH.to ? 'leader epoch' : 'magic'
}

const baseOf = (path: string): number => Number(/(\d+)\.log$/.exec(path)?.[1])
