import type { Outcome } from '../run.ts'
import type { Member } from './member.ts'
import type { MemberKind } from './member-kinds.ts'
import { groupRecordsOf, verdictOf } from './offsets-log.ts'
import { faultsOfOwnership } from './ownership-check.ts'
import { countsOfReading, faultsOfReading, type Repeats } from './reading-check.ts'
import { Stage } from './stage.ts'

export interface GroupCaseOptions {
  readonly bootstrap: string
  readonly cache: string
  readonly kinds: readonly MemberKind[]
  readonly report: (outcome: Outcome) => void
  readonly log: (line: string) => void
}

/** What one group goes through, and what it is called. */
export interface GroupCase {
  /** The client, or `mixed`. */
  readonly of: string
  readonly about: string
  readonly partitions: number
  /** What the members go through, in words, and in deeds; it leaves the writer writing or not, as it likes. */
  readonly says: string
  readonly play: (stage: Stage) => Promise<void>
  readonly repeats: Repeats
}

/** Plays a case, then looks whether the group kept to what every group must keep to, whatever happened to it. */
export async function runCase(options: GroupCaseOptions, played: GroupCase): Promise<void> {
  const { of, about, partitions, says: inWords, play, repeats } = played
  const name = `${of}-${about}-${Date.now()}`.replaceAll(/[^a-z0-9-]/g, '-')
  const began = Date.now()
  const attempt = async (step: string, work: () => Promise<readonly string[]>) => {
    const faults = await work().catch((error: unknown) => [String(error)])
    const problem = faults.length === 0 ? undefined : faults.join('; ')
    const says = `${about}: ${step}`
    options.report({ peer: `groups of ${of}`, says, problem, things: ['groups'] })
    return problem === undefined
  }
  await using stage = await Stage.open({ ...options, name, partitions })
  const went = await attempt(inWords, async () => {
    await play(stage)
    await stage.writer.pause()
    await stage.untilRead()
    return []
  })
  if (!went) return
  const { members, writer, varve } = stage
  await attempt('every record is read once and in order', async () =>
    faultsOfReading(members, writer.ends, repeats),
  )
  await attempt('no partition has two owners (G1)', async () => faultsOfOwnership(members))
  const { faults, epochs, commits } = verdictOf(await groupRecordsOf(varve, name))
  await attempt(
    "the coordinator's log has one owner and no commit that goes back (G1, G2)",
    async () =>
      epochs === 0 || commits === 0 ? [`it has ${epochs} epochs and ${commits} commits`] : faults,
  )
  const { written, repeated } = countsOfReading(members, writer.ends)
  options.log(
    `${of}, ${about}: ${written} records, ${repeated} of them again, ${commits} commits in ${epochs} epochs, ` +
      `${((Date.now() - began) / 1000).toFixed(1)} s${refusals(members)}`,
  )
}

/** What the members were told of commits that were not taken, each once. */
function refusals(members: readonly Member[]): string {
  const counts = new Map<string, number>()
  for (const { kind, events } of members)
    for (const event of events)
      if (event.event === 'refused') {
        const said = `${kind} ${event.error.slice(0, 100)}`
        counts.set(said, (counts.get(said) ?? 0) + 1)
      }
  return [...counts].map(([said, count]) => `; refused ${count} times: ${said}`).join('')
}
