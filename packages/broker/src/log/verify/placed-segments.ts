/** Which segments a start will take, and what the empty ones among them mean: as `load-log.ts` has it, without changing anything. */
import { lostStart } from '../empty-start.ts'
import type { RecoveredBytes } from '../journal/entry.ts'
import type { LoadOptions } from '../load-options.ts'
import type { OfflineFolder } from './offline-folder.ts'

export interface PlacedSegment {
  readonly baseOffset: number
  /** Undefined where only the journal knows it. */
  readonly name: string | undefined
  readonly journaled: readonly RecoveredBytes[]
}

export interface PlacedSegments {
  /** The lowest offset first. */
  readonly segments: readonly PlacedSegment[]
  /** The first of them is empty, and the next one does not begin where it ends: a start ends the log at it. */
  readonly isStartLost: boolean
  /** An empty segment behind them, at the recovery point: where the log ends, if they do not reach that far. */
  readonly emptyEnd: PlacedSegment | undefined
}

/** Those of the folder, and those that the journal will make again. */
export function segmentsOf(
  folder: OfflineFolder,
  options: LoadOptions & { readonly kind: 'partition' | 'metadata' },
): PlacedSegments {
  const journaled = journaledOf(options)
  // A segment below the first one was deleted by retention since.
  const firstBase = folder.files.get('log')?.[0] ?? 0
  const found = folder.segments.map(({ baseOffset, name }) => ({
    ...{ baseOffset, name },
    journaled: journaled.get(baseOffset) ?? [],
  }))
  const made = [...journaled]
    .filter(([base]) => base >= firstBase && !found.some(({ baseOffset }) => baseOffset === base))
    .map(([baseOffset, entries]) => ({ baseOffset, name: undefined, journaled: entries }))
  const filled = [...found, ...made].sort((one, other) => one.baseOffset - other.baseOffset)
  const empty = folder.empty
    .filter(({ baseOffset }) => !journaled.has(baseOffset))
    .map(each => ({ ...each, journaled: [] }))
  const files = [...empty.map(each => fileOf(each, 0)), ...filled.map(each => fileOf(each, 1))]
  files.sort((one, other) => one.offset - other.offset)
  const lost = options.kind === 'metadata' ? undefined : lostStart(files, options)
  const start = empty.filter(({ baseOffset }) => baseOffset === lost?.offset)
  const last = empty.at(-1)
  if (filled.length === 0)
    return {
      segments: start.length > 0 ? start : empty.slice(-1),
      ...{ isStartLost: false, emptyEnd: undefined },
    }
  const isLast = last !== undefined && last.baseOffset > (filled.at(-1)?.baseOffset ?? -1)
  return {
    segments: [...start, ...filled],
    isStartLost: start.length > 0,
    emptyEnd: isLast && last.baseOffset === options.recoveryPoint ? last : undefined,
  }
}

function journaledOf({ recovered }: LoadOptions): ReadonlyMap<number, readonly RecoveredBytes[]> {
  const journaled = new Map<number, RecoveredBytes[]>()
  for (const entry of recovered?.entries ?? []) {
    if (entry.type !== 'bytes') continue
    const ofSegment = journaled.get(entry.segmentBaseOffset)
    if (ofSegment === undefined) journaled.set(entry.segmentBaseOffset, [entry])
    else ofSegment.push(entry)
  }
  return journaled
}

function fileOf({ baseOffset }: { readonly baseOffset: number }, sizeBytes: number) {
  return { offset: baseOffset, sizeBytes, modifiedMs: 0 }
}
