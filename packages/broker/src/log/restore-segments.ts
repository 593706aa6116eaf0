/** Puts back what the journal holds and a power cut may have taken from the segments. Doing it again changes nothing. */
import type { DiskFile } from '../world.ts'
import type { RecoveredLog } from './journal/entry.ts'
import { type FolderFile, type LogFolder, readLogFolder } from './log-folder.ts'
import type { LogIdentity } from './log-state.ts'
import type { LoadTools } from './log-tools.ts'
import { segmentFileName } from './segment-files.ts'

/** Writes the journaled bytes to their places, whether they are there or not (L6), and returns the folder as it is then. */
export async function restoreSegments(
  identity: LogIdentity,
  recovered: RecoveredLog,
  tools: LoadTools,
): Promise<LogFolder | undefined> {
  const before = await readLogFolder(identity, tools)
  const firstBase = before?.files.get('log')?.[0]?.offset ?? 0
  const known = new Set((before?.files.get('log') ?? []).map((file: FolderFile) => file.offset))
  const open = new Map<number, DiskFile>()
  try {
    for (const entry of recovered.entries) {
      if (entry.type !== 'bytes') continue
      // A segment below the first one was deleted by retention since.
      if (!known.has(entry.segmentBaseOffset) && entry.segmentBaseOffset < firstBase) continue
      const file =
        open.get(entry.segmentBaseOffset) ??
        (await openSegment(identity, entry.segmentBaseOffset, tools))
      open.set(entry.segmentBaseOffset, file)
      await file.write(entry.segmentPosition, [await entry.read()])
    }
  } finally {
    for (const file of open.values()) await file.close()
  }
  return open.size === 0 ? before : readLogFolder(identity, tools)
}

/**
 * What of it may be missing in the segments. Below `syncedTo` nothing is, and compaction may have moved the bytes there to other places, so that
 * putting them back would destroy them.
 */
export function unsyncedPart(recovered: RecoveredLog, syncedTo: number): RecoveredLog {
  const { entries } = recovered
  const kept = entries.filter((entry, index) => {
    // A run that came in pieces says in its last one where it ends.
    let end = entry.endOffset
    for (let next = index + 1; end === entry.baseOffset && next < entries.length; next++) {
      const piece = entries[next]
      if (piece?.baseOffset !== entry.baseOffset) break
      end = piece.endOffset
    }
    return end > syncedTo || (end === entry.baseOffset && end >= syncedTo)
  })
  return kept.length === entries.length ? recovered : { ...recovered, entries: kept }
}

/**
 * The same for a log that could not be loaded: durably, because the journal is dropped when the broker starts. Rejects with a `DiskError`
 * when that is not possible; then the broker must not start. A folder that is gone is left so.
 */
export async function keepRecovered(
  identity: LogIdentity,
  recovered: RecoveredLog,
  tools: LoadTools,
): Promise<void> {
  const { disk } = tools.world
  if ((await disk.list(identity.directory)) === undefined) return
  await restoreSegments(identity, recovered, tools)
  const bases = new Set(recovered.entries.map(entry => entry.segmentBaseOffset))
  for (const { offset } of (await readLogFolder(identity, tools))?.files.get('log') ?? []) {
    if (!bases.has(offset)) continue
    const file = await openSegment(identity, offset, tools)
    try {
      await file.sync()
    } finally {
      await file.close()
    }
  }
  await disk.syncDirectory(identity.directory)
}

function openSegment(
  identity: LogIdentity,
  baseOffset: number,
  tools: LoadTools,
): Promise<DiskFile> {
  return tools.world.disk.open(
    `${identity.directory}/${segmentFileName(baseOffset, 'log')}`,
    'create',
  )
}
