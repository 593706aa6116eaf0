import { eventsOf, type MemberHistory } from './member.ts'

interface Read {
  readonly member: MemberHistory
  readonly at: number
  readonly offset: number
  readonly values: readonly number[]
}

/** How often a record may be read. */
export type Repeats =
  /** Only by who takes over from a member that was killed between reading and committing. */
  | 'after a kill'
  /** From what is committed on, by who was refused a commit in a rebalance or took over from such a one. */
  | 'what was not committed'

/**
 * What is wrong with what the members read of a topic whose values are their offsets: something left out, not in order, read
 * again though it was committed, not what was written. Between two members the order is that of their clocks, which are one.
 */
export function faultsOfReading(
  members: readonly MemberHistory[],
  ends: readonly number[],
  repeats: Repeats,
): string[] {
  return ends.flatMap((end, partition) => {
    const reads = members.flatMap(member =>
      knowingReads(member)
        .filter(read => read.partition === partition)
        .map(({ at, offset, values }) => ({ member, at, offset, values })),
    )
    reads.sort((one, other) => one.at - other.at || one.offset - other.offset)
    return faultsOfPartition({ members, partition, end, repeats }, reads)
  })
}

/** Without what a member that was stopped hands out when it is resumed, until it knows that it lost its place. */
function knowingReads({ events }: MemberHistory) {
  let knows = true
  return events.flatMap(event => {
    if (event.event === 'stopped') knows = false
    if (event.event === 'assigned') knows = true
    return event.event === 'read' && knows ? [event] : []
  })
}

interface Place {
  readonly members: readonly MemberHistory[]
  readonly partition: number
  readonly end: number
  readonly repeats: Repeats
}

function faultsOfPartition(place: Place, reads: readonly Read[]): string[] {
  const { partition, end } = place
  const faults: string[] = []
  let next = 0
  let last: Read | undefined
  for (const read of reads) {
    const { member, offset, values } = read
    const where = `partition ${partition}: ${member.name} read ${offset}`
    if (offset > next) faults.push(`${where} where ${next} was next`)
    if (offset < next) {
      const problem = repeatProblem(place, read, last)
      if (problem !== undefined) faults.push(`${where} again before ${next}: ${problem}`)
    }
    if (values.some((value, index) => value !== offset + index))
      faults.push(`${where} as ${values}`)
    next = Math.max(next, offset + values.length)
    last = read
  }
  if (next !== end) faults.push(`partition ${partition} was read up to ${next} of ${end}`)
  return faults.slice(0, 5)
}

function repeatProblem(
  { members, partition, repeats }: Place,
  { at, offset }: Read,
  last: Read | undefined,
): string | undefined {
  const committed = committedBefore(members, partition, at)
  // G2: what was committed is not read again.
  if (offset < committed) return `${committed} was committed`
  if (repeats === 'what was not committed') return undefined
  const isKilled =
    last?.member.events.some(each => each.event === 'killed' && each.at <= at) === true
  return isKilled ? undefined : `${last?.member.name} was not killed`
}

/** The highest commit of a partition that was acknowledged to anybody before then. */
function committedBefore(members: readonly MemberHistory[], partition: number, at: number): number {
  let highest = 0
  for (const member of members)
    for (const committed of eventsOf(member, 'committed'))
      if (committed.at < at) highest = Math.max(highest, committed.offsets[`${partition}`] ?? 0)
  return highest
}

/** How many records were read, and how many of them more than once. */
export function countsOfReading(members: readonly MemberHistory[], ends: readonly number[]) {
  const reads = members.flatMap(member => eventsOf(member, 'read'))
  const read = reads.reduce((sum, { values }) => sum + values.length, 0)
  const written = ends.reduce((sum, end) => sum + end, 0)
  return { written, repeated: read - written }
}
