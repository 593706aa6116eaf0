/** What of the metadata log its batches do not say: the snapshot that a start begins with, and Kafka's file about elections. */
import { recordsOf } from '@varve/protocol'
import type { Finding } from '../log/verify/finding.ts'
import type { WalkedLog } from '../log/verify/verify-data.ts'
import type { Disk } from '../world.ts'
import { CONTROL_TYPE, controlTypeOf } from './control-batch.ts'
import { QUORUM_STATE } from './kraft-log.ts'
import { scan } from './scan.ts'

interface NamedSnapshot {
  readonly name: string
  /** The end of the records that it stands for. */
  readonly revision: number
}

/** What is wrong beside the segments of a metadata log. Rejects with a `DiskError` when a file cannot be read. */
export async function metadataFindings(log: WalkedLog, disk: Disk): Promise<readonly Finding[]> {
  const { directory, startOffset, endOffset } = log
  const names = ((await disk.list(directory)) ?? []).map(({ name }) => name)
  // Older ones say nothing more, and go.
  const snapshot = names.flatMap(snapshotOf).sort((one, other) => other.revision - one.revision)[0]
  const found: Finding[] = []
  const find = (kind: Finding['kind'], name: string, about: string, offset?: number): void => {
    const file = name === '' ? log.folder : `${log.folder}/${name}`
    found.push({ kind, file, position: undefined, offset, about })
  }
  if (snapshot !== undefined) {
    const flaw = await snapshotFlaw(disk, `${directory}/${snapshot.name}`)
    if (flaw !== undefined) find('damaged file', snapshot.name, flaw)
  }
  const revision = snapshot?.revision ?? 0
  const known = snapshot === undefined ? 'no snapshot' : `a snapshot of what ends at ${revision}`
  if (startOffset > revision)
    find(
      'lost records',
      '',
      `The log begins at offset ${startOffset}, and of what came before there is ${known}.`,
      revision,
    )
  if (endOffset < revision)
    find(
      'lost records',
      '',
      `The log ends at offset ${endOffset}, and there is ${known}.`,
      endOffset,
    )
  if (names.includes(QUORUM_STATE) && !(await isObject(disk, `${directory}/${QUORUM_STATE}`)))
    find('damaged file', QUORUM_STATE, 'It does not say who was elected.')
  return found
}

function snapshotOf(name: string): NamedSnapshot[] {
  const revision = /^(\d{20})-\d{10}\.checkpoint$/.exec(name)?.[1]
  return revision === undefined ? [] : [{ name, revision: Number(revision) }]
}

/** A snapshot is whole or of no use: header, records, footer. */
async function snapshotFlaw(disk: Disk, path: string): Promise<string | undefined> {
  const { batches, rest, endPosition } = scan((await disk.readFile(path)) ?? Buffer.alloc(0), 0)
  if (rest !== 'nothing') return `The record batch at position ${endPosition} is bad.`
  const typeOf = (batch: (typeof batches)[number] | undefined): number | undefined =>
    batch?.isControl === true ? controlTypeOf([...recordsOf(batch)][0]?.key ?? null) : undefined
  if (typeOf(batches[0]) !== CONTROL_TYPE.SNAPSHOT_HEADER)
    return 'It does not begin with the header of a metadata snapshot.'
  return typeOf(batches.at(-1)) === CONTROL_TYPE.SNAPSHOT_FOOTER
    ? undefined
    : 'Its end is missing: the footer of a metadata snapshot does not come last.'
}

async function isObject(disk: Disk, path: string): Promise<boolean> {
  try {
    const value: unknown = JSON.parse(String(await disk.readFile(path)))
    return typeof value === 'object' && value !== null
  } catch (error) {
    if (error instanceof SyntaxError) return false
    throw error
  }
}
