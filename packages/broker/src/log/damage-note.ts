/**
 * `damaged`, a file that a partition gets when its log has lost durable records: up to which offset they were durable. Without it the next
 * start, after a clean stop, would know nothing of the loss any more. One that was offline when the broker stopped gets it, too, because its
 * indexes and snapshots may be behind. It goes away when the log was looked through and is whole, and its recovery point
 * is on the disk.
 */
import type { Disk, DiskError } from '../world.ts'
import { DAMAGED, type LoadOptions } from './load-options.ts'
import { removeIfThere } from './remove-if-there.ts'

const FILE = 'damaged'

/** The options for loading a log, sharpened by what an earlier start wrote down. */
export async function withDamageNote(
  disk: Disk,
  directory: string,
  options: LoadOptions,
): Promise<LoadOptions> {
  const noted = await readNote(disk, directory)
  if (noted === null) return options
  const durableOffset = Math.max(Number(noted[1]), options.recovered?.durableOffset ?? 0)
  const recovered = { topicId: '', partition: 0, entries: [], ...options.recovered, durableOffset }
  return {
    ...options,
    lastStop: 'unclean',
    isSuspect: true,
    recovered,
    recoveryPoint: Math.min(Number(noted[2]), options.recoveryPoint),
  }
}

/** Whether there is a note that can be read. */
export async function hasDamageNote(disk: Disk, directory: string): Promise<boolean> {
  return (await readNote(disk, directory)) !== null
}

/** Whether there is one at all. */
export async function liesNoteIn(disk: Disk, directory: string): Promise<boolean> {
  return (await disk.readFile(`${directory}/${FILE}`)) !== undefined
}

async function readNote(disk: Disk, directory: string): Promise<RegExpExecArray | null> {
  const content = await disk.readFile(`${directory}/${FILE}`)
  return /^durable (\d+)\nfrom (\d+)\n$/.exec(content?.toString('latin1') ?? '')
}

/** Writes down what a log should hold that is damaged, or that could not be loaded while only the journal, which is dropped, knew it. */
export async function noteDamage(
  disk: Disk,
  directory: string,
  found: { error: DiskError; durableEnd: number; recoveryPoint: number },
): Promise<void> {
  if (found.error.code !== DAMAGED && found.durableEnd <= found.recoveryPoint) return
  await noteUnfinished(disk, directory, found)
}

/** Writes down that a log was not closed in order, though the broker was: the next start looks through it. */
export async function noteUnfinished(
  disk: Disk,
  directory: string,
  found: { durableEnd: number; recoveryPoint: number },
): Promise<void> {
  const content = `durable ${found.durableEnd}\nfrom ${found.recoveryPoint}\n`
  if ((await disk.list(directory)) !== undefined)
    await disk.writeFileAtomically(`${directory}/${FILE}`, Buffer.from(content))
}

/** The log is whole again. The note of who finds damage later stays. */
export function clearDamageNote(disk: Disk, directory: string): Promise<void> {
  return removeIfThere(disk, `${directory}/${FILE}`)
}
